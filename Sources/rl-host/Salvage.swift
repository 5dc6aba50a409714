import RLCore
import RLSystem
import RLTraining

/// What is saved of a training that an error has ended.
struct Salvage {
  private let directory: RunDirectory
  private let saver: PolicySaver

  init(_ directory: RunDirectory, _ saver: PolicySaver) {
    self.directory = directory
    self.saver = saver
  }

  /// Puts the logs on the disk and saves what was learned, unless the numbers diverged.
  ///
  /// - Returns: the failure that `error` is, with what the user can do now.
  func failure(
    _ error: any Error, _ policy: some Policy, _ wrappers: WrapperState?,
    _ observer: inout RunObserver
  ) -> Failure {
    // the error that ended the training is the one to tell
    try? observer.flush()
    try? observer.finishCheckpoint()
    var failure = Failure(error)
    if error is DivergenceError { return failure }
    let path = directory.policyPath
    if observer.updates > 0,
      (try? saver.save(policy, wrappers, steps: observer.step, to: path)) != nil
    {
      failure.message += "\nThe policy as it was at step \(observer.step) is saved: \(path)"
    }
    if let newest = observer.newestCheckpoint, isWorthResuming(error) {
      failure.message +=
        "\nTo go on from step \(newest.step), once this is mended: "
        + FinalBlock.resumeCommand(directory)
    }
    return failure
  }

  /// Whether the same run may get further another time.
  private func isWorthResuming(_ error: any Error) -> Bool {
    error is EnvironmentError || error is FileError || error is CheckpointError
  }
}
