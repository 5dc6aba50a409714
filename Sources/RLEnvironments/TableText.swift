internal import Glibc

/// What a text in a table may consist of.
enum TextRule {
  /// `[A-Za-z0-9_.-]` with one optional namespace, then `-v` and a number.
  case environmentID
  case pluginID  // [A-Za-z0-9_.-]+
  case leafName  // [A-Za-z0-9_./-]*
  case metricName  // [A-Za-z0-9_./-]+
  case optionKey  // [a-z0-9_-]+
  case line  // any text without control characters
  case prose  // line breaks and tabs as well

  /// The longest text, in bytes.
  var limit: Int {
    switch self {
    case .prose: 65_536
    case .line: 4096
    default: 256
    }
  }
}

/// Copies a plugin's text.
///
/// - Throws: `TableFault` naming `field`, if the text is NULL or breaks its rule.
func requiredText(
  _ pointer: UnsafePointer<CChar>?, _ field: String, _ rule: TextRule
) throws(TableFault) -> String {
  guard let text = try unsafe optionalText(pointer, field, rule) else {
    throw TableFault(field, "is NULL: a text is required")
  }
  return text
}

/// Copies a plugin's text; `nil` for NULL.
///
/// - Throws: `TableFault` naming `field`, if the text breaks its rule.
func optionalText(
  _ pointer: UnsafePointer<CChar>?, _ field: String, _ rule: TextRule
) throws(TableFault) -> String? {
  guard let pointer = unsafe pointer else { return nil }
  let length = unsafe strnlen(pointer, rule.limit + 1)
  guard length <= rule.limit else {
    throw TableFault(
      field, "is longer than \(rule.limit) bytes or has no end: shorten it, end it with NUL")
  }
  let bytes = unsafe UnsafeRawBufferPointer(start: pointer, count: length)
  guard let text = unsafe String(validating: bytes, as: UTF8.self) else {
    throw TableFault(field, "is not UTF-8 (\(unsafe escaped(bytes))): encode it as UTF-8")
  }
  try check(text, field, rule)
  return text
}

private func check(_ text: String, _ field: String, _ rule: TextRule) throws(TableFault) {
  let shown = escaped(text)
  switch rule {
  case .environmentID:
    guard isEnvironmentID(text) else {
      throw TableFault(field, "\(shown) is not [namespace/]Name-vN, such as \"Crane-v2\"")
    }
  case .pluginID:
    try require(text, field, "A-Za-z0-9_.-") { isWord($0) || $0 == dot || $0 == dash }
  case .leafName where text.isEmpty: break
  case .leafName, .metricName:
    try require(text, field, "A-Za-z0-9_./-") {
      isWord($0) || $0 == dot || $0 == dash || $0 == slash
    }
  case .optionKey:
    try require(text, field, "a-z0-9_-") { isWord($0) && !isUpper($0) || $0 == dash }
  case .line, .prose:
    let allowed: [UInt8] = rule == .prose ? [0x09, 0x0A, 0x0D] : []
    guard !text.utf8.contains(where: { ($0 < 0x20 || $0 == 0x7F) && !allowed.contains($0) }) else {
      throw TableFault(field, "\(shown) has control characters: remove them")
    }
  }
}

private func require(
  _ text: String, _ field: String, _ set: String, _ isAllowed: (UInt8) -> Bool
) throws(TableFault) {
  guard !text.isEmpty, text.utf8.allSatisfy(isAllowed) else {
    throw TableFault(field, "\(escaped(text)) should be one or more of [\(set)]")
  }
}

private func isEnvironmentID(_ text: String) -> Bool {
  let parts = text.utf8.split(separator: slash, omittingEmptySubsequences: false)
  guard parts.count <= 2, let name = parts.last else { return false }
  let characters = parts.allSatisfy { part in
    !part.isEmpty && part.allSatisfy { isWord($0) || $0 == dot || $0 == dash }
  }
  guard characters, let last = name.lastIndex(of: dash) else { return false }
  let version = name[name.index(after: last)...]
  return last != name.startIndex && version.count > 1 && version.first == UInt8(ascii: "v")
    && version.dropFirst().allSatisfy { (0x30...0x39).contains($0) }
}

/// Text in quotes, as it can be shown on a terminal.
func escaped(_ text: String) -> String { "\"" + escaped(text.utf8.prefix(80), whole: false) + "\"" }

private func escaped(_ bytes: UnsafeRawBufferPointer) -> String {
  escaped(unsafe Array(bytes.prefix(80)), whole: true)
}

private func escaped(_ bytes: some Sequence<UInt8>, whole: Bool) -> String {
  var result: [UInt8] = []
  for byte in bytes {
    if byte < 0x20 || byte == 0x7F || (whole && byte >= 0x80) {
      let digits = String(byte, radix: 16, uppercase: true)
      result += Array("\\x".utf8) + Array((byte < 16 ? "0" + digits : digits).utf8)
    } else {
      result.append(byte)
    }
  }
  return String(decoding: result, as: UTF8.self)
}

private let dot = UInt8(ascii: ".")
private let dash = UInt8(ascii: "-")
private let slash = UInt8(ascii: "/")

private func isUpper(_ byte: UInt8) -> Bool { (0x41...0x5A).contains(byte) }

private func isWord(_ byte: UInt8) -> Bool {
  isUpper(byte) || (0x61...0x7A).contains(byte) || (0x30...0x39).contains(byte) || byte == 0x5F
}
