import RLAgents
import RLCore
import RLEnvironments
import RLKernels
import RLPresets
import RLSystem
import RLTraining

/// How a command ended, as its caller sees it: the statuses of sysexits where they say it.
struct ExitStatus: Sendable, Equatable {
  let code: Int32

  static let done = ExitStatus(code: 0)
  static let negative = ExitStatus(code: 1)  // what was to be shown does not hold
  static let usage = ExitStatus(code: 64)  // the command line asks for something that is not there
  static let damaged = ExitStatus(code: 65)  // a file is not what it should be
  static let missing = ExitStatus(code: 66)  // an input is not there
  static let refused = ExitStatus(code: 69)  // the plugin was refused or broke its contract
  static let bug = ExitStatus(code: 70)  // our fault
  static let cannotWrite = ExitStatus(code: 74)  // reading or writing failed on the way
  static let diverged = ExitStatus(code: 76)  // a number left the finite range

  /// Ended by a signal, after a clean end.
  static func signal(_ number: Int32) -> ExitStatus { ExitStatus(code: 128 + number) }

  /// The reader of the standard output has left.
  static let closedPipe = ExitStatus(code: 141)
}

/// What ends a command early: a status, and what, where and what to do.
struct Failure: Error {
  var status: ExitStatus
  var message: String  // empty: nothing is to be said

  init(_ status: ExitStatus, _ message: String) {
    self.status = status
    self.message = message
  }

  /// The failure that `error` means to the user.
  init(_ error: any Error) {
    switch error {
    case let failure as Failure: self = failure
    case let error as FileError: self.init(ExitStatus(code: error.exitStatus), "\(error)")
    case let error as PluginError: self.init(Self.status(error), "\(error)")
    case let error as EnvironmentError: self.init(.refused, "\(error)")
    case let error as ConfigurationError: self.init(.usage, "\(error)")
    case let error as ConfigurationFileError: self.init(.damaged, "\(error)")
    case let error as PolicyFileError: self.init(.damaged, "\(error)")
    case let error as StateError: self.init(.damaged, "\(error)")
    case let error as CheckpointError: self.init(.cannotWrite, "\(error)")
    case let error as DivergenceError: self.init(.diverged, "\(error)")
    case let error as UnsupportedKernelsError: self.init(.refused, "\(error)")
    case is EvaluationStopped: self.init(.signal(StopSignal.received ?? 2), "\(error)")
    default: self.init(.bug, "\(error); this is a bug of rl-host \(hostVersion): please report it")
    }
  }

  private static func status(_ error: PluginError) -> ExitStatus {
    switch error {
    case .missing: .missing
    case .refused: .refused
    case .usage: .usage
    }
  }
}
