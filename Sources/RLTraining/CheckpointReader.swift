import RLCore
import RLSystem

/// Reads a checkpoint's folder, which may be damaged or hostile.
struct CheckpointReader: ~Copyable {
  private let folder: OpenFolder
  private let manifest: CheckpointManifest

  /// Reads the manifest.
  ///
  /// - Throws: `FileError` when it is missing, damaged, or of another step than the folder's.
  init(_ path: String, step: Int) throws(FileError) {
    let folder = try OpenFolder(path)
    let name = CheckpointManifest.fileName
    let bytes = try folder.bytes(of: name, limit: CheckpointManifest.Limit.manifestBytes)
    let manifest = try CheckpointManifest(bytes, path: "\(path)/\(name)")
    guard manifest.step == step else {
      throw CheckpointManifest.damaged(
        "\(path)/\(name)", "is of step \(manifest.step), not of this folder's")
    }
    self.folder = folder
    self.manifest = manifest
  }

  /// The whole checkpoint, every byte verified before it is used.
  consuming func checkpoint() throws(FileError) -> Checkpoint {
    var state = try smallState()
    if !manifest.columns.isEmpty {
      let columns = try folder.folder(CheckpointManifest.columnsName)
      var files = manifest.files.dropFirst()
      for column in manifest.columns {
        let pages = files.prefix(column.pageCount)
        files = files.dropFirst(column.pageCount)
        guard state[column.name] == nil else {
          throw CheckpointManifest.damaged(folder.path, "has \"\(column.name)\" twice")
        }
        state[column.name] = try entry(column, Array(pages), in: columns)
      }
    }
    return Checkpoint(
      step: manifest.step, state: state, facts: manifest.facts, path: folder.path,
      manifest: manifest)
  }

  private func smallState() throws(FileError) -> SavedState {
    let path = "\(folder.path)/\(CheckpointManifest.stateName)"
    let bytes = try folder.verified(manifest.files[0], name: CheckpointManifest.stateName)
    let contents: Safetensors
    do { contents = try Safetensors(bytes, file: path) } catch {
      throw CheckpointManifest.damaged(path, error.reason)
    }
    return try SavedState(contents, path: path)
  }

  private func entry(
    _ column: CheckpointManifest.Column, _ pages: [CheckpointManifest.File],
    in folder: borrowing OpenFolder
  ) throws(FileError) -> SavedState.Entry {
    // all sizes before memory is taken for any
    for page in pages { try folder.check(page) }
    let count = column.rowCount * column.rowBytes / column.kind.elementBytes
    return switch column.kind {
    case .floats: .floats(try values(pages, count: count, in: folder))
    case .bytes: .bytes(try values(pages, count: count, in: folder))
    case .integers: .integers(try values(pages, count: count, in: folder))
    case .words: .words(try values(pages, count: count, in: folder))
    }
  }

  private func values<Value: BitwiseCopyable>(
    _ pages: [CheckpointManifest.File], count: Int, in folder: borrowing OpenFolder
  ) throws(FileError) -> [Value] {
    var values: [Value] = []
    values.reserveCapacity(pages.isEmpty ? 0 : count)
    for page in pages { values.append(littleEndian: try folder.verified(page, name: page.leaf)) }
    return values
  }
}

extension CheckpointManifest.File {
  /// The name without the folder.
  var leaf: String { name.split(separator: "/").last.map(String.init) ?? name }
}

extension OpenFolder {
  /// The bytes of a file, which are those that its manifest lists.
  func verified(
    _ file: CheckpointManifest.File, name: String
  ) throws(FileError) -> [UInt8] {
    let bytes = try bytes(of: name, size: file.size)
    guard SHA256.hex(of: bytes) == file.sha256 else {
      throw CheckpointManifest.damaged(
        "\(path)/\(name)", "its contents are not those that were written")
    }
    return bytes
  }

  /// Whether a page has the size that its manifest lists.
  fileprivate func check(_ file: CheckpointManifest.File) throws(FileError) {
    let size = try size(of: file.leaf)
    guard size == file.size else {
      throw CheckpointManifest.damaged(
        "\(path)/\(file.leaf)", "has \(size) bytes, should have \(file.size)")
    }
  }
}

extension CheckpointPlace {
  /// The newest good checkpoint, and in words what was passed over.
  func newest() throws(FileError) -> (checkpoint: Checkpoint, skipped: [String])? {
    guard PathKind(of: path) != .missing else { return nil }
    var skipped: [String] = []
    let steps = try steps()
    if let words = latestIsWrong(steps) { skipped.append(words) }
    for step in steps.reversed() {
      do throws(FileError) {
        let reader = try CheckpointReader(path(ofStep: step), step: step)
        return (try reader.checkpoint(), skipped)
      } catch {
        skipped.append(error.description)
      }
    }
    if skipped.isEmpty { return nil }
    throw FileError(
      .damaged, path: path, reason: "no checkpoint is whole: \(skipped.joined(separator: "; "))",
      advice: "restore the folder from a copy, or remove it to start over")
  }

  /// `LATEST` is a hint: it is written last, and tells when a folder has gone since.
  private func latestIsWrong(_ steps: [Int]) -> String? {
    do throws(FileError) {
      guard let latest = try step(namedIn: latestPath), !steps.contains(latest) else { return nil }
      return "\(path(ofStep: latest)): is not there, and LATEST names it"
    } catch {
      return error.description
    }
  }
}
