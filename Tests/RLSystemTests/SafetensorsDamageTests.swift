import RLSystem
import Testing

/// A file with this header, padded, and this much data.
private func file(_ header: String, data: Int = 0) -> [UInt8] {
  file(Array(header.utf8), data: data)
}

private func file(_ header: [UInt8], data: Int = 0) -> [UInt8] {
  let length = (0..<8).map { UInt8(truncatingIfNeeded: header.count >> (8 * $0)) }
  return length + header + [UInt8](repeating: 0, count: data)
}

private func tensor(
  _ name: String, _ type: String = "U8", _ shape: String = "4", _ begin: String = "0",
  _ end: String = "4"
) -> String {
  "\"\(name)\":{\"dtype\":\"\(type)\",\"shape\":[\(shape)],\"data_offsets\":[\(begin),\(end)]}"
}

/// A damage, the file that has it, and the fault that names it.
private struct Damage: Sendable, CustomTestStringConvertible {
  var name: String
  var bytes: [UInt8]
  var fault: SafetensorsError.Fault

  init(_ name: String, _ bytes: [UInt8], _ fault: SafetensorsError.Fault) {
    self.name = name
    self.bytes = bytes
    self.fault = fault
  }

  var testDescription: String { name }
}

private let layoutDamages: [Damage] = [
  Damage("no length", [1, 2, 3], .tooShort(bytes: 3)),
  Damage(
    "a length of 2^64 - 1", [UInt8](repeating: 255, count: 8) + [123, 125],
    .headerTooLarge(bytes: .max)),
  Damage(
    "a header longer than the file", [100, 0, 0, 0, 0, 0, 0, 0, 123, 125],
    .headerBeyondEnd(bytes: 100, available: 2)),
  Damage("no header", file(""), .doesNotStartWithBrace),
  Damage("leading space", file(" {}"), .doesNotStartWithBrace),
  Damage("text after the header", file("{}  x"), .bytesAfterHeader(at: 4)),
  Damage("a line feed after the header", file("{}\n"), .bytesAfterHeader(at: 2)),
  Damage(
    "data cut short", file("{\(tensor("w"))}", data: 3),
    .truncated(tensor: "w", needed: 4, available: 3)),
  Damage("trailing bytes", file("{\(tensor("w"))}", data: 9), .trailingBytes(5)),
  Damage("data without tensors", file("{}", data: 1), .trailingBytes(1)),
  Damage(
    "overlap", file("{\(tensor("a")),\(tensor("b", "U8", "4", "2", "6"))}", data: 6),
    .overlap(tensor: "b")),
  Damage(
    "the same bytes twice", file("{\(tensor("a")),\(tensor("b"))}", data: 4),
    .overlap(tensor: "b")),
  Damage(
    "hole", file("{\(tensor("a")),\(tensor("b", "U8", "4", "6", "10"))}", data: 10),
    .hole(tensor: "b", bytes: 2)),
  Damage(
    "hole at the start", file("{\(tensor("a", "U8", "4", "1", "5"))}", data: 5),
    .hole(tensor: "a", bytes: 1)),
  Damage(
    "reversed offsets", file("{\(tensor("a", "U8", "4", "4", "0"))}", data: 4),
    .offsetsReversed(tensor: "a")),
  Damage(
    "a wrong shape", file("{\(tensor("a", "U8", "5"))}", data: 4),
    .sizeMismatch(tensor: "a", needed: 5, given: 4)),
  Damage(
    "a wrong type", file("{\(tensor("a", "F32", "4"))}", data: 4),
    .sizeMismatch(tensor: "a", needed: 16, given: 4)),
  Damage(
    "a size that overflows", file("{\(tensor("a", "U8", "4294967296,4294967296"))}", data: 4),
    .shapeOverflows(tensor: "a")),
  Damage(
    "a size that overflows to a fit", file("{\(tensor("a", "F64", "2305843009213693952"))}"),
    .shapeOverflows(tensor: "a")),
  Damage(
    "a petabyte", file("{\(tensor("a", "U8", "1125899906842624", "0", "1125899906842624"))}"),
    .truncated(tensor: "a", needed: 1 << 50, available: 0)),
]

private let headerDamages: [Damage] = [
  Damage("duplicate tensor", file("{\(tensor("a")),\(tensor("a"))}", data: 4), .duplicateKey("a")),
  Damage(
    "duplicate in another spelling", file("{\(tensor("a")),\(tensor("\\u0061"))}", data: 4),
    .duplicateKey("a")),
  Damage(
    "duplicate metadata", file(#"{"__metadata__":{},"__metadata__":{}}"#),
    .duplicateKey("__metadata__")),
  Damage(
    "duplicate metadata key", file(#"{"__metadata__":{"a":"1","a":"2"}}"#),
    .duplicateMetadataKey("a")),
  Damage(
    "duplicate field", file(#"{"a":{"dtype":"U8","dtype":"U8"}}"#),
    .duplicateField("dtype", tensor: "a")),
  Damage(
    "unknown field", file(#"{"a":{"strides":[1]}}"#), .unknownField("strides", tensor: "a")),
  Damage("missing type", file(#"{"a":{}}"#), .missingField("dtype", tensor: "a")),
  Damage(
    "missing shape", file(#"{"a":{"dtype":"U8"}}"#), .missingField("shape", tensor: "a")),
  Damage(
    "missing offsets", file(#"{"a":{"dtype":"U8","shape":[]}}"#),
    .missingField("data_offsets", tensor: "a")),
  Damage("unknown type", file("{\(tensor("a", "F16"))}"), .unknownType("F16", tensor: "a")),
  Damage(
    "one offset", file(#"{"a":{"data_offsets":[1]}}"#), .notTwoOffsets(tensor: "a")),
  Damage(
    "three offsets", file(#"{"a":{"data_offsets":[1,2,3]}}"#), .notTwoOffsets(tensor: "a")),
  Damage(
    "too many axes",
    file("{\(tensor("a", "U8", Array(repeating: "1", count: 33).joined(separator: ",")))}"),
    .tooManyAxes(tensor: "a")),
  Damage(
    "metadata that is a number", file(#"{"__metadata__":{"a":1}}"#),
    .expected("a metadata value, which is text", found: "\"1\"", at: 21)),
  Damage(
    "metadata that is an object", file(#"{"__metadata__":{"a":{}}}"#),
    .expected("a metadata value, which is text", found: "\"{\"", at: 21)),
  Damage(
    "depth", file("{\"a\":{\"shape\":" + String(repeating: "[", count: 100_000)),
    .expected("a whole number", found: "\"[\"", at: 15)),
  Damage(
    "a negative offset", file("{\(tensor("a", "U8", "4", "-1"))}"),
    .expected("a whole number", found: "\"-\"", at: 47)),
  Damage(
    "a fraction", file("{\(tensor("a", "U8", "4.0"))}"),
    .expected("\"]\"", found: "\".\"", at: 29)),
  Damage("2^64", file("{\(tensor("a", "U8", "18446744073709551616"))}"), .numberTooLarge(at: 28)),
  Damage("a leading zero", file("{\(tensor("a", "U8", "04"))}"), .leadingZero(at: 28)),
  Damage(
    "a name of 257 bytes", file("{\(tensor(String(repeating: "n", count: 257)))}", data: 4),
    .nameTooLong(at: 260)),
  Damage(
    "invalid UTF-8", file(Array("{\"".utf8) + [0xC3, 0x28] + Array("\":{}}".utf8)),
    .invalidUTF8(at: 1)),
  Damage(
    "a surrogate in UTF-8", file(Array("{\"".utf8) + [0xED, 0xA0, 0x80] + Array("\":{}}".utf8)),
    .invalidUTF8(at: 1)),
  Damage("a lone surrogate", file(#"{"\ud800":{}}"#), .invalidEscape(at: 2)),
  Damage("an unknown escape", file(#"{"\x":{}}"#), .invalidEscape(at: 2)),
  Damage("a control character", file("{\"a\u{01}\":{}}"), .controlCharacter(at: 3)),
  Damage("an unclosed name", file("{\"a"), .expected("a closing quote", found: "the end", at: 3)),
  Damage(
    "a trailing comma", file("{\(tensor("a")),}"),
    .expected("a name in quotes", found: "\"}\"", at: 53)),
  Damage("an unclosed header", file("{"), .expected("a name in quotes", found: "the end", at: 1)),
]

@Suite struct SafetensorsDamageTests {
  @Test(arguments: layoutDamages + headerDamages)
  fileprivate func isRefusedWithItsOwnMessage(damage: Damage) {
    let error = #expect(throws: SafetensorsError.self) {
      try Safetensors(damage.bytes, file: "runs/a/policy.safetensors")
    }
    #expect(error?.fault == damage.fault)
    #expect(error?.description.hasPrefix("runs/a/policy.safetensors: ") == true)
  }

  @Test func refusesTooManyTensorsAndKeys() {
    let tensors = (0...Safetensors.Limit.tensors).map { tensor("\($0)", "U8", "0", "0", "0") }
    let many = #expect(throws: SafetensorsError.self) {
      try Safetensors(file("{\(tensors.joined(separator: ","))}"), file: "many")
    }
    #expect(many?.fault == .tooManyTensors)
    let keys = (0...Safetensors.Limit.metadataKeys).map { "\"\($0)\":\"\"" }
    let long = #expect(throws: SafetensorsError.self) {
      try Safetensors(file("{\"__metadata__\":{\(keys.joined(separator: ","))}}"), file: "many")
    }
    #expect(long?.fault == .tooManyMetadataKeys)
  }

  @Test func acceptsWhatJSONAllowsInside() throws {
    let text =
      "{ \"__metadata__\" : { \"a\" : \"\\u00e9\\ud83d\\ude00\\/\" } ,\n \"w\" :\t{ \"shape\" : [ ] , "
      + "\"data_offsets\" : [ 0 , 1 ] , \"dtype\" : \"U8\" } }   "
    let read = try Safetensors(file(text, data: 1), file: "loose")
    #expect(read.metadata == ["a": "é😀/"])
    #expect(read["w"]?.shape == [])
  }
}
