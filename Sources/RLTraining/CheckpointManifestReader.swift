import RLCore
package import RLSystem

extension CheckpointManifest {
  /// Reads a manifest that may be damaged or hostile.
  ///
  /// First the digest of the bytes, so that no damage gets further; then the one form that
  /// `encoded` gives, and nothing else.
  ///
  /// - Throws: `FileError` (`damaged`) that says what is wrong.
  package init(_ bytes: [UInt8], path: String) throws(FileError) {
    let lastLine = Self.lastLine(digest: String(repeating: "0", count: 64)).count
    guard bytes.count > lastLine else { throw Self.damaged(path, "is too short") }
    let body = bytes.dropLast(lastLine)
    guard Self.lastLine(digest: SHA256.hex(of: Array(body))) == bytes.suffix(lastLine) else {
      throw Self.damaged(path, "its contents are not those that were written")
    }
    var text = JSONText(body)
    do throws(SafetensorsFault) { self = try Self(&text) } catch {
      throw Self.damaged(path, "is not a manifest that this version knows: \(error.description)")
    }
    guard encoded() == bytes else { throw Self.damaged(path, "is not in the form that is written") }
    try check(path)
  }

  private init(_ text: inout JSONText) throws(SafetensorsFault) {
    try text.expect("{")
    try text.key("schema")
    guard try text.string("the schema") == Self.schema else {
      throw text.unexpected("\"\(Self.schema)\"")
    }
    try text.expect(",")
    try text.key("step")
    let step = try text.number()
    try text.expect(",")
    try text.key("facts")
    let facts = try Self.facts(&text)
    try text.expect(",")
    try text.key("columns")
    let columns = try text.list(atMost: Limit.columns) { text throws(SafetensorsFault) in
      try Column(&text)
    }
    try text.expect(",")
    try text.key("files")
    let files = try text.list(atMost: Limit.files) { text throws(SafetensorsFault) in
      try File(&text)
    }
    try text.expect(",")
    self.init(step: step, facts: facts, columns: columns, files: files)
  }

  private static func facts(_ text: inout JSONText) throws(SafetensorsFault) -> [String: String] {
    var facts: [String: String] = [:]
    try text.expect("{")
    if text.take("}") { return facts }
    repeat {
      let key = try text.name()
      try text.expect(":")
      let value = try text.string("a fact, which is text")
      guard facts.updateValue(value, forKey: key) == nil else {
        throw text.unexpected("another name than \"\(key)\", which is there already")
      }
    } while text.take(",")
    try text.expect("}")
    return facts
  }

  /// Whether the parts fit each other; nothing is allocated for what they describe.
  private func check(_ path: String) throws(FileError) {
    guard CheckpointPlace.steps.contains(step) else {
      throw Self.damaged(path, "its step is out of range")
    }
    for column in columns { try column.check(path) }
    let names = columns.map(\.name)
    guard zip(names, names.dropFirst()).allSatisfy({ $0.utf8.lexicographicallyPrecedes($1.utf8) })
    else { throw Self.damaged(path, "its columns are not in order") }
    // at most 2^10 columns of at most 2^48 pages
    guard files.count == 1 + columns.reduce(0, { $0 + $1.pageCount }) else {
      throw Self.damaged(path, "it lists \(files.count) files, which is not what its columns need")
    }
    var expected = ExpectedFiles(columns)
    for file in files {
      let (name, size) = expected.next()
      guard file.name == name, size == nil || file.size == size else {
        throw Self.damaged(path, "\"\(file.name)\" is not the file expected there, \"\(name)\"")
      }
    }
  }

  static func damaged(_ path: String, _ reason: String) -> FileError {
    FileError(.damaged, path: path, reason: reason, advice: "restore the folder from a copy")
  }
}

extension CheckpointManifest.Column {
  fileprivate init(_ text: inout JSONText) throws(SafetensorsFault) {
    try text.expect("{")
    try text.key("name")
    let name = try text.name()
    try text.expect(",")
    try text.key("kind")
    guard let kind = ColumnChanges.Kind(rawValue: try text.string("a kind")) else {
      throw text.unexpected("a kind of elements")
    }
    try text.expect(",")
    let rowBytes = try text.member("rowBytes")
    try text.expect(",")
    let rowCount = try text.member("rowCount")
    try text.expect(",")
    let rowsPerPage = try text.member("rowsPerPage")
    try text.expect("}")
    self.init(
      name: name, kind: kind, rowBytes: rowBytes, rowCount: rowCount, rowsPerPage: rowsPerPage)
  }

  fileprivate func check(_ path: String) throws(FileError) {
    let limit = CheckpointManifest.Limit.self
    guard Self.isName(name), rowBytes <= limit.rowBytes, rowCount <= limit.rowCount,
      rowBytes % kind.elementBytes == 0, rowsPerPage >= 1, rowsPerPage <= limit.pageBytes,
      rowsPerPage == 1 || rowBytes * rowsPerPage <= limit.pageBytes
    else {
      throw CheckpointManifest.damaged(path, "its column \"\(name)\" cannot be")
    }
  }
}

extension CheckpointManifest.File {
  fileprivate init(_ text: inout JSONText) throws(SafetensorsFault) {
    try text.expect("{")
    try text.key("name")
    let name = try text.name()
    try text.expect(",")
    let size = try text.member("size")
    try text.expect(",")
    try text.key("sha256")
    let digest = try text.string("a digest")
    let isDigest = { (byte: UInt8) in (48...57).contains(byte) || (97...102).contains(byte) }
    guard digest.utf8.count == 64, digest.utf8.allSatisfy(isDigest) else {
      throw text.unexpected("64 lower-case hexadecimal digits")
    }
    try text.expect("}")
    self.init(name: name, size: size, sha256: digest)
  }
}

extension JSONText {
  /// The name of the one member that may come here.
  fileprivate mutating func key(_ name: String) throws(SafetensorsFault) {
    guard try self.name() == name else { throw unexpected("\"\(name)\"") }
    try expect(":")
  }

  /// A member that is a whole number.
  fileprivate mutating func member(_ name: String) throws(SafetensorsFault) -> Int {
    try key(name)
    return try number()
  }

  fileprivate mutating func list<Member>(
    atMost limit: Int, _ member: (inout JSONText) throws(SafetensorsFault) -> Member
  ) throws(SafetensorsFault) -> [Member] {
    var members: [Member] = []
    try expect("[")
    if take("]") { return members }
    repeat {
      guard members.count < limit else { throw unexpected("at most \(limit) members") }
      members.append(try member(&self))
    } while take(",")
    try expect("]")
    return members
  }
}

/// The files that columns need, one after the other, with their sizes where they are known.
private struct ExpectedFiles {
  private var columns: ArraySlice<CheckpointManifest.Column>
  private var page = -1  // of the first of `columns`; -1 before all

  init(_ columns: [CheckpointManifest.Column]) { self.columns = columns[...] }

  mutating func next() -> (name: String, size: Int?) {
    if page < 0 {
      page = 0
      return (CheckpointManifest.stateName, nil)
    }
    while let column = columns.first, page == column.pageCount {
      columns.removeFirst()
      page = 0
    }
    guard let column = columns.first else { return ("", nil) }
    defer { page += 1 }
    return (column.pageName(page), column.rows(inPage: page).count * column.rowBytes)
  }
}
