import RLCore
public import RLSystem

/// The checkpoints of one run: `checkpoints/<step, 12 digits>/`, written in the background.
///
/// A checkpoint is in place whole or not at all, whatever kills the process or fills the disk. Large
/// arrays lie in pages; those that did not change are hard links to the pages of the checkpoint
/// before, so a write costs what changed, and nothing large is held in memory. Each folder is whole
/// in itself and may be copied or removed alone.
///
/// One store at a time may write to a folder; the run's lock sees to that. A store belongs to one
/// thread.
public final class CheckpointStore {
  public let folder: String
  private let keep: Int
  private let pageBytes: Int
  private var base: CheckpointBase?
  /// Captures whose write failed or is in flight, oldest first.
  private var pending: [CheckpointCapture] = []
  private var failures = 0
  /// Whether the checkpoint before turned out to be gone or damaged: the next capture must count from
  /// the beginning.
  public private(set) var needsWhole = false
  private var job: BackgroundJob<CheckpointWriter.Result>?

  /// A store in `folder`, which is made by the first write.
  ///
  /// - Parameters:
  ///   - folder: its path.
  ///   - keep: checkpoints that stay, the best one not counted.
  ///   - continuing: the checkpoint that the captures count their changes from; without one, they
  ///     count from the beginning.
  public convenience init(folder: String, keep: Int = 3, continuing: Checkpoint? = nil) {
    self.init(
      folder: folder, keep: keep, continuing: continuing,
      pageBytes: CheckpointManifest.Limit.pageBytes)
  }

  /// A store whose new columns have pages of at most `pageBytes`, unless a row is larger.
  package init(folder: String, keep: Int, continuing: Checkpoint?, pageBytes: Int) {
    precondition(keep >= 1, "a store keeps at least one checkpoint, not \(keep)")
    self.folder = folder
    self.keep = keep
    self.pageBytes = min(pageBytes, CheckpointManifest.Limit.pageBytes)
    base = continuing.map { CheckpointBase(path: $0.path, manifest: $0.manifest) }
  }

  deinit { _ = job?.wait() }

  /// Whether a write is in flight, or has ended and its outcome was not taken.
  public var isBusy: Bool { job != nil }

  /// Starts a write and returns at once: it goes on in the background and shares the capture's
  /// storage.
  ///
  /// A column that the capture does not list has not changed. Steps grow from capture to capture;
  /// a checkpoint of the same step is replaced, those of later steps are removed.
  ///
  /// - Parameters:
  ///   - capture: what changed since the capture before.
  ///   - syncing: paths of logs that must be on the disk before the checkpoint that counts on them.
  ///   - isBest: whether this is the best of the run so far; it then stays.
  /// - Precondition: `isBusy` is false, and the capture's names are those of files: ASCII letters,
  ///   digits, `_`, `-` and `.`.
  public func begin(_ capture: CheckpointCapture, syncing: [String] = [], isBest: Bool = false) {
    precondition(job == nil, "a write is in flight, or its outcome was not taken")
    needsWhole = false
    pending.append(capture)
    let writer = CheckpointWriter(
      place: CheckpointPlace(folder), keep: keep, pageBytes: pageBytes, base: base,
      captures: pending, syncing: syncing, isBest: isBest)
    job = BackgroundJob { writer.run() }
  }

  /// The outcome of a write that has ended; `nil` while it goes on, or when there was none.
  public func poll() -> CheckpointOutcome? { job?.isFinished == true ? wait() : nil }

  /// The outcome of the write in flight, as soon as it has ended; `nil` when there is none.
  public func wait() -> CheckpointOutcome? {
    guard let result = job?.wait() else { return nil }
    job = nil
    if let written = result.written {
      base = written
      pending = []
    }
    guard let error = result.error else {
      failures = 0
      let path = result.written?.path ?? folder
      return .written(
        step: result.written?.manifest.step ?? 0, path: path, seconds: result.seconds)
    }
    failures += 1
    if result.isBaseBroken {
      base = nil
      pending = []
      needsWhole = true
    }
    return .failed(error, consecutive: failures)
  }

  /// The newest good checkpoint in `folder`.
  ///
  /// Everything is verified before it is used. A damaged checkpoint is passed over for the one
  /// before it; `skipped` says in words which were damaged, and how.
  ///
  /// - Returns: `nil` when there is no checkpoint at all.
  /// - Throws: `FileError`: `damaged` when there are checkpoints and none is good.
  public static func load(
    _ folder: String
  ) throws(FileError) -> (checkpoint: Checkpoint, skipped: [String])? {
    try CheckpointPlace(folder).newest()
  }
}
