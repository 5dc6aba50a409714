import RLSystem

/// The tensor file itself, as other programs write it too.
func safetensorsTarget() throws -> FuzzTarget {
  FuzzTarget(
    "safetensors",
    samples: [
      Safetensors(
        metadata: ["a": "b", "é": "\u{1F600}"],
        tensors: [
          .init("f", [Float](repeating: 1.5, count: 12), shape: [3, 4]),
          .init("w", [UInt64(7), 9]),
          .init("d", [1.0, 2.0]), .init("i", [Int32(-1)], shape: []), .init("b", [UInt8](0..<9)),
        ]
      ).encoded(), Safetensors().encoded(),
    ],
    words: [
      "{", "}", "[", "]", ",", ":", "\"", "\\", "\\ud800", "__metadata__", "\"dtype\":\"BF16\"",
      "\"dtype\":\"F32\"", "\"shape\":[]", "\"shape\":[0]", "\"data_offsets\":[0,0]", "null", "-1",
      "1e3", " ", "\"f\":{\"dtype\":\"F32\",\"shape\":[3,4],\"data_offsets\":[0,48]},",
    ]
  ) { bytes, _ in
    guard let file = accepted(bytes) else { return false }
    guard accepted(file.encoded()) == file else {
      throw FuzzError("what was read is not what is written")
    }
    return true
  }
}

private func accepted(_ bytes: [UInt8]) -> Safetensors? {
  try? Safetensors(bytes, file: "fuzzed")
}
