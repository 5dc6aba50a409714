import RLCore
import RLSystem

/// Makes the pages of a checkpoint's columns: links to the pages of the checkpoint before where
/// nothing changed, new files where something did. One page is in memory at a time.
struct CheckpointPages {
  private let folder: String  // of the new checkpoint
  private let base: CheckpointBase?
  private let earlier: [String: CheckpointManifest.File]
  private let earlierColumns: Set<String>
  /// A page of zeros by its size: the others of that size are links to it.
  private var zeros: [Int: CheckpointManifest.File] = [:]

  init(folder: String, base: CheckpointBase?) {
    self.folder = folder
    self.base = base
    let files = base?.manifest.files ?? []
    earlier = Dictionary(uniqueKeysWithValues: files.map { ($0.name, $0) })
    earlierColumns = Set((base?.manifest.columns ?? []).map(\.identity))
  }

  /// Writes every page of a column.
  ///
  /// - Returns: the pages' files, in order.
  mutating func write(
    _ column: CheckpointManifest.Column, _ changes: [ColumnChanges]
  ) throws(FileError) -> [CheckpointManifest.File] {
    var files: [CheckpointManifest.File] = []
    let isEarlier = earlierColumns.contains(column.identity)
    var changed = CheckpointColumn(column, changes)
    for page in 0..<column.pageCount {
      let before = isEarlier ? earlier[column.pageName(page)] : nil
      files.append(try write(page, &changed, before: before))
    }
    return files
  }

  private mutating func write(
    _ page: Int, _ column: inout CheckpointColumn, before: CheckpointManifest.File?
  ) throws(FileError) -> CheckpointManifest.File {
    let name = column.column.pageName(page)
    let size = column.column.rows(inPage: page).count * column.column.rowBytes
    guard column.changes(page: page) else {
      if let before, let base { return try link(before, in: base.path, as: name) }
      return try writeZeros(size, as: name)
    }
    var bytes: [UInt8]
    if let before, let base, !column.replaces(page: page) {
      bytes = try Self.verified(before, in: base.path)
    } else {
      bytes = [UInt8](repeating: 0, count: size)
    }
    column.apply(to: &bytes, page: page)
    return try CheckpointWriter.write(bytes, as: name, in: folder)
  }

  private mutating func writeZeros(
    _ size: Int, as name: String
  ) throws(FileError) -> CheckpointManifest.File {
    if let same = zeros[size] { return try link(same, in: folder, as: name) }
    let file = try CheckpointWriter.write(
      [UInt8](repeating: 0, count: size), as: name, in: folder)
    zeros[size] = file
    return file
  }

  /// Gives a page that is there another name, or copies it where the file system has no links.
  ///
  /// A link's contents are not read: they were verified when they were written, and are again when
  /// the checkpoint is read.
  private func link(
    _ file: CheckpointManifest.File, in source: String, as name: String
  ) throws(FileError) -> CheckpointManifest.File {
    let target = "\(folder)/\(name)"
    guard try NewFile.link("\(source)/\(file.name)", as: target) else {
      return try CheckpointWriter.write(
        try Self.verified(file, in: source), as: name, in: folder)
    }
    guard try FileReader.size(of: target) == file.size else {
      throw CheckpointManifest.damaged(
        "\(source)/\(file.name)", "does not have the \(file.size) bytes that were written")
    }
    return .init(name: name, size: file.size, sha256: file.sha256)
  }

  private static func verified(
    _ file: CheckpointManifest.File, in path: String
  ) throws(FileError) -> [UInt8] {
    try OpenFolder(path).folder(CheckpointManifest.columnsName).verified(file, name: file.leaf)
  }
}

extension CheckpointManifest.Column {
  /// What must be equal for pages to be those of the same array.
  fileprivate var identity: String { "\(name) \(kind) \(rowBytes) \(rowCount) \(rowsPerPage)" }
}
