import RLCore
import RLTraining
import Testing

/// A stored observation whose choice is outside its space must not reach the encoder.
@Suite struct ObservationRangeTests {
  private func file(room: Int8) throws -> [UInt8] {
    let space = Space([
      Leaf(name: "box", kind: .box(low: [-1], high: [1]), element: .f32),
      Leaf(name: "room", kind: .discrete(count: 4, start: -2), element: .i8),
    ])
    let spec = EnvironmentSpec(
      id: "Rooms-v0", observation: space,
      action: Space([Leaf(kind: .discrete(count: 2, start: 0), element: .i32)]))
    var rows = Array(repeating: UInt8(0), count: 16 * 8)
    rows[15 * 8 + 4] = UInt8(bitPattern: room)
    let export = PolicyExport(
      algorithm: "dqn", tensors: [.init(name: "w", shape: [1], values: [1])], attributes: [:])
    let file = PolicyFile(
      export, spec: spec, pluginSHA256: String(repeating: "0", count: 64), abi: "1.0",
      encoder: "test", configuration: [:], seed: 0, steps: 0, hostVersion: "0", numerics: "test",
      selfTest: .init(count: 16, observations: rows, outputs: Array(repeating: 0, count: 32)))
    return try file.encoded(file: "p")
  }

  @Test(arguments: [-2, 0, 1] as [Int8])
  func valuesInsideAreKept(room: Int8) throws {
    #expect(try PolicyFile(file(room: room), file: "p").selfTest.count == 16)
  }

  @Test(arguments: [-128, -3, 2, 127] as [Int8])
  func valuesOutsideAreRefusedByLeaf(room: Int8) throws {
    let error = #expect(throws: PolicyFileError.self) { try file(room: room) }
    #expect(error?.reason.contains("in leaf \"room\"") == true)
  }
}
