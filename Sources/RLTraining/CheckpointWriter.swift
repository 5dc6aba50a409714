import RLCore
import RLSystem

/// The checkpoint that changes count from.
struct CheckpointBase: Sendable {
  let path: String
  let manifest: CheckpointManifest
}

/// One write of a checkpoint, on a thread of its own.
struct CheckpointWriter: Sendable {
  /// What came of a write.
  struct Result: Sendable {
    /// The checkpoint that is in place for good, also when something failed after that.
    var written: CheckpointBase?
    var error: FileError?
    /// Whether the checkpoint that changes count from is gone or damaged: no write can go on from it.
    var isBaseBroken = false
    var seconds: Double
  }

  let place: CheckpointPlace
  let keep: Int
  let pageBytes: Int  // of new columns
  let base: CheckpointBase?
  /// What is not on the disk yet, oldest first; the last is what the checkpoint is of.
  let captures: [CheckpointCapture]
  let syncing: [String]
  let isBest: Bool

  private var last: CheckpointCapture { captures[captures.count - 1] }

  /// Writes, puts in place, names, prunes; stops at the first thing that fails.
  func run() -> Result {
    let start = MonotonicClock.nanoseconds()
    var result = Result(seconds: 0)
    do throws(FileError) {
      let written = try write()
      result.written = written
      try place.write(step: last.step, in: place.latestPath)
      if isBest { try place.write(step: last.step, in: place.bestPath) }
      try prune()
    } catch {
      result.error = error
      result.isBaseBroken = result.written == nil && (error.kind == .damaged || !isBaseThere)
      // room for the next attempt; what cannot be removed now is tried again then
      _ = try? place.sweep()
    }
    result.seconds = MonotonicClock.seconds(since: start)
    return result
  }

  /// Whether every file of the base is there; trivially so without one.
  private var isBaseThere: Bool {
    guard let base else { return true }
    return base.manifest.files.allSatisfy { PathKind(of: "\(base.path)/\($0.name)") == .file }
  }

  /// Writes the checkpoint and puts it in place.
  private func write() throws(FileError) -> CheckpointBase {
    try Folder.create(place.path)
    _ = try place.sweep()
    let temporary = place.unusedName(".tmp", step: last.step)
    guard try Folder.createNew(temporary) else {
      throw FileError(
        .cannotCreate, path: temporary, reason: "is there already", advice: "remove it")
    }
    let manifest = try fill(temporary)
    return try putInPlace(temporary, manifest)
  }

  /// Fills the new folder; the manifest comes last, when everything it speaks of is on the disk.
  private func fill(_ folder: String) throws(FileError) -> CheckpointManifest {
    let state = last.capture.state
    let columns = columns()
    for (column, _) in columns {
      precondition(
        CheckpointManifest.Column.isName(column.name), "\"\(column.name)\" cannot name a file")
      precondition(state[column.name] == nil, "\"\(column.name)\" is in the capture twice")
    }
    var files = [
      try Self.write(state.safetensors.encoded(), as: CheckpointManifest.stateName, in: folder)
    ]
    if !columns.isEmpty {
      let inner = "\(folder)/\(CheckpointManifest.columnsName)"
      _ = try Folder.createNew(inner)
      var pages = CheckpointPages(folder: folder, base: base)
      for (column, changes) in columns { files += try pages.write(column, changes) }
      try FileFlush.folder(inner)
    }
    for path in syncing { try FileFlush.file(path) }
    let manifest = CheckpointManifest(
      step: last.step, facts: last.facts, columns: columns.map(\.column), files: files)
    _ = try Self.write(try readable(manifest), as: CheckpointManifest.fileName, in: folder)
    try FileFlush.folder(folder)
    return manifest
  }

  /// The manifest's bytes, which a reader will take.
  private func readable(_ manifest: CheckpointManifest) throws(FileError) -> [UInt8] {
    let bytes = manifest.encoded()
    do throws(FileError) {
      _ = try CheckpointManifest(bytes, path: place.path)
      if bytes.count <= CheckpointManifest.Limit.manifestBytes { return bytes }
    } catch {
      throw unreadable(error.reason)
    }
    throw unreadable("it has \(bytes.count) bytes")
  }

  private func unreadable(_ reason: String) -> FileError {
    FileError(
      .cannotWrite, path: place.path(ofStep: last.step),
      reason: "its manifest could not be read again: \(reason)",
      advice: "save fewer or smaller arrays")
  }

  /// Every column of the checkpoint by name, with its changes, oldest first.
  private func columns() -> [(column: CheckpointManifest.Column, changes: [ColumnChanges])] {
    var columns: [String: (column: CheckpointManifest.Column, changes: [ColumnChanges])] = [:]
    for column in base?.manifest.columns ?? [] { columns[column.name] = (column, []) }
    for capture in captures {
      for changes in capture.capture.columns {
        if let known = columns[changes.name], known.column.fits(changes) {
          columns[changes.name]?.changes.append(changes)
        } else {
          columns[changes.name] = (.init(changes, pageBytes: pageBytes), [changes])
        }
      }
    }
    return columns.values.sorted {
      $0.column.name.utf8.lexicographicallyPrecedes($1.column.name.utf8)
    }
  }

  /// Writes a file of the folder; the digest is of the bytes that are written.
  static func write(
    _ bytes: [UInt8], as name: String, in folder: String
  ) throws(FileError) -> CheckpointManifest.File {
    try NewFile.write(bytes, to: "\(folder)/\(name)")
    return .init(name: name, size: bytes.count, sha256: SHA256.hex(of: bytes))
  }

  /// Gives the finished folder its name. The checkpoints of later steps go first: they are of a
  /// future that did not come, and would be taken for the newest.
  private func putInPlace(
    _ temporary: String, _ manifest: CheckpointManifest
  ) throws(FileError) -> CheckpointBase {
    let path = place.path(ofStep: last.step)
    let steps = try place.steps()
    try place.retire(steps.filter { $0 > last.step })
    if !steps.contains(last.step) {
      try FileRename.move(temporary, to: path)
    } else if try !FileRename.exchange(temporary, with: path) {
      try place.retire([last.step])
      try FileRename.move(temporary, to: path)
    }
    try FileFlush.folder(place.path)
    return CheckpointBase(path: path, manifest: manifest)
  }

  /// Removes all but the newest checkpoints and the best one.
  private func prune() throws(FileError) {
    let best = try bestStep()
    try place.retire(try place.steps().dropLast(keep).filter { $0 != best })
    if let error = try place.sweep() { throw error }
  }

  /// The step of the best checkpoint. A damaged `BEST` names none: it must not end a run whose
  /// checkpoints are good.
  private func bestStep() throws(FileError) -> Int? {
    do { return try place.step(namedIn: place.bestPath) } catch {
      guard error.kind == .damaged else { throw error }
      return nil
    }
  }
}
