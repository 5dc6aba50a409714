/// Reads a header: the one form of JSON that it may have, so nothing in it nests or recurses.
struct SafetensorsHeader {
  /// A tensor as the header describes it, not yet compared with the data.
  struct Entry {
    var name: String
    var element: Safetensors.Element
    var shape: [Int]
    var begin: Int
    var end: Int
  }

  private(set) var metadata: [String: String] = [:]
  private(set) var entries: [Entry] = []
  private var text: JSONText
  private var hasMetadata = false
  private var names: Set<String> = []

  init(_ bytes: ArraySlice<UInt8>) { text = JSONText(bytes) }

  mutating func parse() throws(SafetensorsFault) {
    guard text.next == UInt8(ascii: "{") else { throw .init(.doesNotStartWithBrace) }
    try text.expect("{")
    if !text.take("}") {
      repeat { try parseMember() } while text.take(",")
      try text.expect("}")
    }
    try text.expectOnlySpaces()
  }

  private mutating func parseMember() throws(SafetensorsFault) {
    let name = try text.name()
    try text.expect(":")
    if name == "__metadata__" {
      guard !hasMetadata else { throw .init(.duplicateKey(name)) }
      hasMetadata = true
      try parseMetadata()
    } else {
      guard names.insert(name).inserted else { throw .init(.duplicateKey(name)) }
      guard names.count <= Safetensors.Limit.tensors else { throw .init(.tooManyTensors) }
      entries.append(try parseTensor(name))
    }
  }

  private mutating func parseMetadata() throws(SafetensorsFault) {
    try text.expect("{")
    if text.take("}") { return }
    repeat {
      let key = try text.name()
      try text.expect(":")
      let value = try text.string("a metadata value, which is text")
      guard metadata.updateValue(value, forKey: key) == nil else {
        throw .init(.duplicateMetadataKey(key))
      }
      guard metadata.count <= Safetensors.Limit.metadataKeys else {
        throw .init(.tooManyMetadataKeys)
      }
    } while text.take(",")
    try text.expect("}")
  }

  private mutating func parseTensor(_ name: String) throws(SafetensorsFault) -> Entry {
    var element: Safetensors.Element?
    var shape: [Int]?
    var offsets: [Int]?
    try text.expect("{")
    if !text.take("}") {
      repeat {
        let field = try text.name()
        try text.expect(":")
        switch field {
        case "dtype": try assign(try parseElement(of: name), to: &element, field, name)
        case "shape":
          let limit = Safetensors.Limit.axes
          let values = try text.numbers(atMost: limit)
          guard let values else { throw .init(.tooManyAxes(tensor: name)) }
          try assign(values, to: &shape, field, name)
        case "data_offsets":
          guard let values = try text.numbers(atMost: 2), values.count == 2 else {
            throw .init(.notTwoOffsets(tensor: name))
          }
          try assign(values, to: &offsets, field, name)
        default: throw .init(.unknownField(field, tensor: name))
        }
      } while text.take(",")
      try text.expect("}")
    }
    guard let element else { throw .init(.missingField("dtype", tensor: name)) }
    guard let shape else { throw .init(.missingField("shape", tensor: name)) }
    guard let offsets else { throw .init(.missingField("data_offsets", tensor: name)) }
    return Entry(name: name, element: element, shape: shape, begin: offsets[0], end: offsets[1])
  }

  private mutating func parseElement(
    of tensor: String
  ) throws(SafetensorsFault) -> Safetensors.Element {
    let name = try text.string("a type's name")
    guard let element = Safetensors.Element(rawValue: name) else {
      throw .init(.unknownType(name, tensor: tensor))
    }
    return element
  }

  private func assign<Value>(
    _ value: Value, to field: inout Value?, _ name: String, _ tensor: String
  ) throws(SafetensorsFault) {
    guard field == nil else { throw .init(.duplicateField(name, tensor: tensor)) }
    field = value
  }
}
