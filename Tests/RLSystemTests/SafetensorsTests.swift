import RLSystem
import Testing

/// What `Golden/make_safetensors.py` puts into `mixed.safetensors`.
private let mixed = Safetensors(
  metadata: ["né\n\"x\"": "a\\b/c \u{1f}\u{2028} \u{08}\u{0c}\r ü 😀"],
  tensors: [
    .init("bytes", [UInt8](0..<5)),
    .init("höhe 測 😀", [Float(0)]),
    .init("scalar", [Float(Double.pi)], shape: []),
    .init("z.weight", (0..<6).map { Float($0) * 0.25 - 1 }, shape: [2, 3]),
    .init("a.weight", (0..<6).map { Float($0) * 0.25 - 1 }, shape: [3, 2]),
    .init("empty", [Float](), shape: [0, 4]),
    .init("double", (0..<6).map { Double($0) / 3 }),
    .init("integers", (0..<6).map { Int32($0) * -1000 }),
    .init("long", (0..<6).map { (Int64($0) - 3) << 40 }),
    .init("words", [0, UInt64.max]),
    .init("quote \" slash \\ / tab \t bell \u{07} delete \u{7f}", [UInt8(0)]),
  ])

@Suite struct SafetensorsTests {
  @Test(arguments: [
    ("mixed", mixed), ("bare", Safetensors(tensors: [.init("w", [Float(1.5)])])),
    ("empty", Safetensors()),
  ])
  func writesTheBytesOfTheReferenceImplementation(name: String, contents: Safetensors) throws {
    let reference = try FileReader.bytes(of: golden("\(name).safetensors"), limit: 1 << 16)
    #expect(contents.encoded() == reference)
  }

  @Test func readsWhatTheReferenceImplementationWrote() throws {
    let reference = try FileReader.bytes(of: golden("mixed.safetensors"), limit: 1 << 16)
    let read = try Safetensors(reference, file: "mixed")
    #expect(read.metadata == mixed.metadata)
    #expect(read.tensors.count == mixed.tensors.count)
    for tensor in mixed.tensors { #expect(read[tensor.name] == tensor) }
    #expect(read["z.weight"]?.floats == (0..<6).map { Float($0) * 0.25 - 1 })
    #expect(read["words"]?.words == [0, .max])
    #expect(read["long"]?.longIntegers?.first == -3 << 40)
    #expect(read["integers"]?.integers?.last == -5000)
    #expect(read["double"]?.doubles == (0..<6).map { Double($0) / 3 })
    #expect(read["bytes"]?.unsignedBytes == [0, 1, 2, 3, 4])
    #expect(read["bytes"]?.floats == nil)
  }

  @Test func theOrderOfTensorsDoesNotChangeTheBytes() {
    var reversed = mixed
    reversed.tensors.reverse()
    reversed.metadata["b"] = "2"
    reversed.metadata["a"] = "1"
    var straight = mixed
    straight.metadata["a"] = "1"
    straight.metadata["b"] = "2"
    #expect(reversed.encoded() == straight.encoded())
  }

  @Test func keepsNonFiniteBitsAndNegativeZero() throws {
    let bits: [UInt32] = [0x7FC0_1234, 0xFF80_0000, 0x8000_0000, 1]
    let file = Safetensors(tensors: [.init("x", bits.map { Float(bitPattern: $0) })])
    let read = try Safetensors(file.encoded(), file: "x")
    #expect(read["x"]?.floats?.map(\.bitPattern) == bits)
  }

  @Test func everyTruncationIsRefused() {
    let bytes = mixed.encoded()
    for count in bytes.indices {
      #expect(throws: SafetensorsError.self) {
        try Safetensors(Array(bytes[..<count]), file: "cut")
      }
    }
  }
}
