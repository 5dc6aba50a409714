import RLCore
import RLSystem
import RLTraining
import Testing

@Suite struct PolicyFileDamageTests {
  @Test func everyTruncationIsRefused() throws {
    let bytes = try sampleFile().encoded(file: "p")
    for count in bytes.indices {
      #expect(throws: PolicyFileError.self) { try PolicyFile(Array(bytes[..<count]), file: "cut") }
    }
  }

  @Test func everyChangedBitIsRefused() throws {
    var bytes = try sampleFile().encoded(file: "p")
    for index in bytes.indices {
      for bit in 0..<8 {
        bytes[index] ^= 1 << bit
        #expect(throws: PolicyFileError.self, "byte \(index), bit \(bit)") {
          try PolicyFile(bytes, file: "flipped")
        }
        bytes[index] ^= 1 << bit
      }
    }
  }

  @Test func aForeignSafetensorsFileIsRefused() {
    let foreign = Safetensors(tensors: [.init("w", [Float(1)])]).encoded()
    let error = #expect(throws: PolicyFileError.self) { try PolicyFile(foreign, file: "w") }
    #expect(error?.reason.contains("not a policy file of this host") == true)
    let other = Safetensors(metadata: ["format": "pt"]).encoded()
    let named = #expect(throws: PolicyFileError.self) { try PolicyFile(other, file: "w") }
    #expect(named?.reason.contains("\"pt\"") == true)
  }

  /// What a hostile writer can do, who computes the digest too: each is refused for its own reason.
  @Test(arguments: [
    ("algo", nil, "has no \"algo\""), ("numerics", nil, "has no \"numerics\""),
    ("seed", "-1", "\"-1\" is not a whole number"), ("seed", "+1", "is not a whole number"),
    ("seed", "18446744073709551616", "is not a whole number"),
    ("seed", "18446744073709551615", "not below 2^53"),
    (
      "obs_space",
      #"{"leaves":[{"element":"f32","isMasked":false,"kind":{"discrete":{"count":4,"start":0}},"name":"","shape":[]}]}"#,
      "element type"
    ),
    ("steps", "9223372036854775808", "is not a whole number"),
    ("steps", "1e6", "is not a whole number"), ("max_episode_steps", "", "is not a whole number"),
    ("obs_norm", "running", "does not know"), ("obs_space", "", "not the description of a space"),
    ("obs_space", "{\"leaves\":[]}", "0 leaves"),
    ("act_space", "{ \"leaves\" : [] }", "0 leaves"),
    ("act_space", leaf("\"multiBinary\":{}", shape: "4294967296,4294967296"), "impossible shape"),
    ("act_space", leaf("\"multiBinary\":{}", shape: "134217728,2"), "too many elements"),
    ("act_space", leaf("\"multiBinary\":{}", shape: "-1"), "impossible shape"),
    ("act_space", leaf("\"multiBinary\":{}", shape: "1e300"), "not the description of a space"),
    ("act_space", leaf("\"discrete\":{\"count\":0,\"start\":0}"), "impossible range"),
    (
      "act_space", leaf("\"discrete\":{\"count\":2,\"start\":9223372036854775807}"),
      "impossible range"
    ),
    (
      "act_space", leaf("\"multiDiscrete\":{\"counts\":[2],\"starts\":[]}"),
      "counts that do not match"
    ),
    ("act_space", leaf("\"box\":{\"high\":[1],\"low\":[]}"), "bounds that do not match"),
    ("act_space", leaf("\"box\":{\"high\":[1],\"low\":[2]}"), "impossible bounds"),
    ("act_space", leaf("\"box\":{\"high\":[\"nan\"],\"low\":[0]}"), "impossible bounds"),
    ("act_space", leaf("\"discrete\":{\"count\":2,\"start\":0 }"), "not in the canonical form"),
    (
      "obs_space", leaf("\"discrete\":{\"count\":4,\"start\":0}", shape: ""),
      "are not 16 rows of 8 bytes"
    ),
  ])
  func aLyingHeaderIsRefused(key: String, value: String?, reason: String) throws {
    try expectRefusal(key, value, reason)
  }

  @Test func aDeepDescriptionOfASpaceIsRefused() throws {
    try expectRefusal(
      "obs_space", String(repeating: "[", count: 100_000), "not the description of a space")
  }

  private func expectRefusal(_ key: String, _ value: String?, _ reason: String) throws {
    let bytes = try tampered { $0.metadata[key] = value }
    let error = #expect(throws: PolicyFileError.self) { try PolicyFile(bytes, file: "lie") }
    #expect(error?.reason.contains(reason) == true, "\(error?.reason ?? "")")
  }

  @Test(arguments: [
    ("self_test.observations", nil, "has no self-test"),
    ("self_test.outputs", nil, "has no self-test"),
    (
      "self_test.outputs",
      Safetensors.Tensor("self_test.outputs", [Float](repeating: 0, count: 32)), "has no self-test"
    ),
    (
      "self_test.outputs", .init("self_test.outputs", [Float](), shape: [16, 0]),
      "do not make 16 rows"
    ),
    (
      "self_test.observations", .init("self_test.observations", [UInt8](), shape: [0, 16]),
      "has no self-test"
    ),
    ("w", .init("w", [Int32(1)]), "\"w\" is not of type F32"),
    ("w", .init("w", [Float.nan]), "\"w\" holds a number that is not finite"),
  ])
  func aLyingTensorIsRefused(
    name: String, tensor: Safetensors.Tensor?, reason: String
  ) throws {
    let bytes = try tampered { contents in
      contents.tensors.removeAll { $0.name == name }
      if let tensor { contents.tensors.append(tensor) }
    }
    let error = #expect(throws: PolicyFileError.self) { try PolicyFile(bytes, file: "lie") }
    #expect(error?.reason.contains(reason) == true, "\(error?.reason ?? "")")
  }

  @Test func tenThousandMutationsWithARightDigestNeverCrash() throws {
    let original = try sampleFile().encoded(file: "p")
    var random = RandomStream(seed: 3)
    let marks = Array("{}[],:\"\\0123456789-einf ".utf8)
    var refused = 0
    for _ in 0..<10_000 {
      var bytes = original
      for _ in 0...random.index(below: 3) {
        let place = 8 + random.index(below: bytes.count - 8)
        switch random.index(below: 4) {
        case 0: bytes[place] = marks[random.index(below: marks.count)]
        case 1: bytes[place] = UInt8(random.index(below: 256))
        case 2: bytes[place] = bytes[8 + random.index(below: bytes.count - 8)]
        default: bytes[place] ^= 1 << random.index(below: 8)
        }
      }
      if var contents = try? Safetensors(bytes, file: "m") {
        sign(&contents)
        bytes = contents.encoded()
      }
      do { _ = try PolicyFile(bytes, file: "m").encoded(file: "again") } catch { refused += 1 }
    }
    #expect(refused > 5_000 && refused < 10_000, "\(refused)")
  }
}

/// A space of one leaf, in the canonical form.
private func leaf(_ kind: String, shape: String = "1") -> String {
  "{\"leaves\":[{\"element\":\"i64\",\"isMasked\":false,\"kind\":{\(kind)},\"name\":\"\","
    + "\"shape\":[\(shape)]}]}"
}

/// The sample file after a change, with the digest of its contents.
private func tampered(_ change: (inout Safetensors) -> Void) throws -> [UInt8] {
  var contents = try Safetensors(sampleFile().encoded(file: "p"), file: "p")
  change(&contents)
  sign(&contents)
  return contents.encoded()
}

private func sign(_ contents: inout Safetensors) {
  contents.metadata["content_sha256"] = nil
  contents.metadata["content_sha256"] = SHA256.hex(of: contents.encoded())
}
