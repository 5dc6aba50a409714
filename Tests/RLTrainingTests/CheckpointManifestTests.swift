import Foundation
import RLSystem
import RLTestSupport
import RLTraining
import Testing

@Suite struct CheckpointManifestTests {
  @Test func everyFlippedBitIsRefused() throws {
    let bytes = try sample()
    var accepted: [Int] = []
    for bit in 0..<bytes.count * 8 {
      var damaged = bytes
      damaged[bit / 8] ^= 1 << (bit % 8)
      if isAccepted(damaged) { accepted.append(bit) }
    }
    #expect(bytes.count > 1000)
    #expect(accepted.isEmpty)
    #expect(isAccepted(bytes))
  }

  @Test func everyTruncationAndExtensionIsRefused() throws {
    let bytes = try sample()
    #expect(!bytes.indices.contains { isAccepted(Array(bytes[..<$0])) })
    #expect(!(0...255).contains { isAccepted(bytes + [$0]) })
    #expect(!(0...255).contains { isAccepted([$0] + bytes) })
  }

  @Test(arguments: [
    ("\"step\":", "\"step\":-"), ("\"step\":", "\"step\":0"), ("\"step\":", "\"step\":1e1"),
    ("\"step\":", "\"step\":1."), ("\"step\":", "\"step\": "),
    ("\"step\":", "\"step\":9999999999999"), ("\"step\":", "\"step\":99999999999999999999"),
    ("\"step\":", "\"step\":null,\"step\":"), ("\"step\":", "\"step\":1,\n\"step\":"),
    ("\"step\":", "\"Step\":"), ("\"step\":", "\"extra\":1,\n\"step\":"),
    ("checkpoint/1", "checkpoint/2"), ("{\n\"schema\"", "[\n\"schema\""),
    ("\"facts\":{\n", "\"facts\":{\n\"words\":\"1\",\n"),
    ("\"facts\":{\n", "\"facts\":{\n\"a\":1,\n"),
    ("\"facts\":{\n", "\"facts\":{\n\"z\":\"1\",\n"), ("\"facts\":{\n", "\"facts\":[\n"),
    ("agent.empty", "../empty"), ("agent.empty", ".empty"), ("agent.empty", ""),
    ("agent.empty", "agent/empty"), ("agent.empty", "agent empty"), ("agent.empty", "agent.\u{e9}"),
    ("agent.empty", "z"), ("agent.empty", "agent.replay.images"),
    ("\"kind\":\"bytes\"", "\"kind\":\"doubles\""), ("\"kind\":\"bytes\"", "\"kind\":1"),
    ("\"kind\":\"bytes\"", "\"kind\":\"words\""),
    ("\"rowBytes\":1500", "\"rowBytes\":1099511627776"),
    ("\"rowBytes\":1500", "\"rowBytes\":1501"), ("\"rowBytes\":1500", "\"rowBytes\":\"1500\""),
    ("\"rowCount\":7,", "\"rowCount\":8,"),
    ("\"rowCount\":7,", "\"rowCount\":4611686018427387904,"),
    ("\"rowCount\":7,", "\"rowCount\":281474976710656,"), ("\"rowCount\":7,", "\"rowCount\":0,"),
    ("\"rowsPerPage\":1}", "\"rowsPerPage\":0}"), ("\"rowsPerPage\":1}", "\"rowsPerPage\":700}"),
    ("\"rowsPerPage\":1}", "\"rowsPerPage\":2}"), ("\"files\":[\n", "\"files\":[\n[[[[[[[[[[["),
    ("state.safetensors", "/etc/passwd"), ("state.safetensors", "columns/../state.safetensors"),
    ("images.000003", "images.000004"), ("images.000003", "images.3"),
    ("\"size\":1500", "\"size\":1499"), ("\"size\":1500", "\"size\":281474976710656"),
    ("\"sha256\":\"", "\"sha256\":\"A"), ("\"sha256\":\"", "\"sha256\":\"g"),
    ("\"sha256\":\"", "\"md5\":\""), ("\"},\n{\"name\":\"columns", "\"},{\"name\":\"columns"),
  ])
  func whatNoWriterWritesIsRefusedAlsoUnderARightDigest(from: String, to: String) throws {
    let text = String(decoding: try sample(), as: UTF8.self)
    let body = String(
      text[..<(try #require(text.range(of: "\"sha256\"", options: .backwards))).lowerBound])
    #expect(isAccepted(sealed(body)))
    let place = try #require(body.range(of: from))
    let error = #expect(throws: FileError.self) {
      try CheckpointManifest(sealed(body.replacingCharacters(in: place, with: to)), path: "a/M")
    }
    #expect(error?.kind == .damaged)
    #expect(error?.description.hasPrefix("a/M: ") == true)
  }

  @Test func depthAndLengthCostNothing() {
    let deep = String(repeating: "[", count: 1 << 20)
    #expect(!isAccepted(sealed("{\n\"schema\":\"rl-host/checkpoint/1\",\n\"step\":" + deep)))
    #expect(!isAccepted(sealed("{\n\"schema\":\"" + deep + "\",\n")))
    #expect(!isAccepted([]))
  }

  private func sealed(_ body: String) -> [UInt8] {
    Array("\(body)\"sha256\":\"\(SHA256.hex(of: Array(body.utf8)))\"\n}\n".utf8)
  }

  private func isAccepted(_ bytes: [UInt8]) -> Bool {
    (try? CheckpointManifest(bytes, path: "MANIFEST.json")) != nil
  }

  /// A manifest as a store wrote it.
  private func sample() throws -> [UInt8] {
    let folder = try TemporaryFolder(isInMemory: true)
    let store = toyStore(folder.path)
    var training = ToyTraining(seed: 5)
    training.advance()
    store.begin(training.capture())
    guard case .written(_, let path, _) = store.wait() else { return [] }
    return Array(try Data(contentsOf: URL(filePath: path + "/MANIFEST.json")))
  }
}
