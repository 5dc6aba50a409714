package import RLCore
import RLSystem

/// `MANIFEST.json`: what a checkpoint's folder holds, and the digest of every byte of it.
package struct CheckpointManifest: Sendable, Equatable {
  /// A file of the folder.
  package struct File: Sendable, Equatable {
    package var name: String  // relative to the folder
    package var size: Int  // bytes
    package var sha256: String  // 64 lower-case hexadecimal digits
  }

  /// A large array, which lies in pages.
  package struct Column: Sendable, Equatable {
    package var name: String
    package var kind: ColumnChanges.Kind
    package var rowBytes: Int
    package var rowCount: Int
    package var rowsPerPage: Int
  }

  package var step: Int
  package var facts: [String: String]
  package var columns: [Column]  // by name
  /// `state.safetensors`, then the pages of each column, in order.
  package var files: [File]

  static let schema = "rl-host/checkpoint/1"
  static let fileName = "MANIFEST.json"
  static let stateName = "state.safetensors"
  static let columnsName = "columns"
}

/// What keeps a hostile manifest from asking for much.
extension CheckpointManifest {
  enum Limit {
    static let manifestBytes = 1 << 26
    /// Files of one checkpoint.
    static let files = 1 << 18
    static let columns = 1024
    static let rowBytes = 1 << 30
    static let rowCount = 1 << 48
    /// Bytes of a page, unless a row is larger.
    static let pageBytes = 1 << 20
    /// UTF-8 bytes of the name of a column.
    static let nameBytes = 200
  }
}

extension CheckpointManifest.Column {
  /// An array cut into pages of at most `pageBytes`, unless a row is larger.
  init(_ changes: ColumnChanges, pageBytes: Int) {
    self.init(
      name: changes.name, kind: changes.kind, rowBytes: changes.rowBytes,
      rowCount: changes.rowCount, rowsPerPage: max(1, pageBytes / max(1, changes.rowBytes)))
  }

  /// Whether `changes` are of an array like this.
  func fits(_ changes: ColumnChanges) -> Bool {
    kind == changes.kind && rowBytes == changes.rowBytes && rowCount == changes.rowCount
  }

  var pageCount: Int {
    rowBytes == 0 || rowCount == 0 ? 0 : (rowCount - 1) / rowsPerPage + 1
  }

  /// The rows in page `page`.
  func rows(inPage page: Int) -> Range<Int> {
    page * rowsPerPage..<min((page + 1) * rowsPerPage, rowCount)
  }

  /// The name of a page's file, relative to the checkpoint's folder.
  func pageName(_ page: Int) -> String {
    let digits = String(page)
    let zeros = String(repeating: "0", count: max(0, 6 - digits.count))
    return "\(CheckpointManifest.columnsName)/\(name).\(zeros)\(digits)"
  }

  /// Whether `name` can be a part of a file's name.
  static func isName(_ name: String) -> Bool {
    !name.isEmpty && name.utf8.count <= CheckpointManifest.Limit.nameBytes
      && name.utf8.first != UInt8(ascii: ".")
      && name.utf8.allSatisfy { byte in
        switch byte {
        case 48...57, 65...90, 97...122: true
        default: byte == UInt8(ascii: "_") || byte == UInt8(ascii: "-") || byte == UInt8(ascii: ".")
        }
      }
  }
}

extension CheckpointManifest {
  /// The file's bytes; equal manifests give equal bytes. The last line is the digest of all bytes
  /// before it.
  func encoded() -> [UInt8] {
    let facts = facts.sorted { $0.key.utf8.lexicographicallyPrecedes($1.key.utf8) }
      .map { "\(quoted($0.key)):\(quoted($0.value))" }
    let columns = columns.map { column in
      "{\"name\":\(quoted(column.name)),\"kind\":\"\(column.kind.rawValue)\","
        + "\"rowBytes\":\(column.rowBytes),\"rowCount\":\(column.rowCount),"
        + "\"rowsPerPage\":\(column.rowsPerPage)}"
    }
    let files = files.map { file in
      "{\"name\":\(quoted(file.name)),\"size\":\(file.size),\"sha256\":\"\(file.sha256)\"}"
    }
    let body =
      "{\n\"schema\":\"\(Self.schema)\",\n\"step\":\(step),\n\"facts\":\(list("{", facts, "}")),\n"
      + "\"columns\":\(list("[", columns, "]")),\n\"files\":\(list("[", files, "]")),\n"
    let bytes = Array(body.utf8)
    return bytes + Self.lastLine(digest: SHA256.hex(of: bytes))
  }

  static func lastLine(digest: String) -> [UInt8] { Array("\"sha256\":\"\(digest)\"\n}\n".utf8) }

  /// Members on a line each.
  private func list(_ open: String, _ members: [String], _ close: String) -> String {
    members.isEmpty ? open + close : "\(open)\n\(members.joined(separator: ",\n"))\n\(close)"
  }
}
