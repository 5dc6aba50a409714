import Foundation
import RLSystem
import RLTraining
import Testing

@Suite struct MetricsLogTests {
  static let numbers: [Double] = [
    0, -0.0, 0.1, 1 / 3, 0x1p-1060, .leastNonzeroMagnitude, 123_456_789, 0x1p53, 1e16, 1e22,
    -2.5e-7,
    .greatestFiniteMagnitude, .infinity, -.infinity, .nan,
  ]

  @Test(arguments: numbers)
  func numbersComeBackToTheLastBit(number: Double) throws {
    let line = MetricsRecord(["x": number]).json
    let read = try #require(MetricsRecord(json: line.utf8)?["x"])
    #expect(read.isNaN ? number.isNaN : read.bitPattern == number.bitPattern)
  }

  @Test func aLineIsFlatSortedByItsKeysBytesAndAsShortAsCanBe() {
    let record = MetricsRecord([
      "step": 50000, "train/loss": 0.1, "a": .nan, "B": -.infinity, "b": .infinity, "é": 1e300,
      "quote\"\\\n": -0.0,
    ])
    let expected =
      #"{"B":"-inf","a":"nan","b":"inf","quote\"\\\u000a":-0,"step":50000,"train/loss":0.1,"é":1e+300}"#
    #expect(record.json == expected)
  }

  @Test func anotherReaderOfJSONUnderstandsALine() throws {
    let names = ["plain", "quo\"te", "back\\slash", "new\nline", "\u{1}", "ünïcode", "a/b"]
    let record = MetricsRecord(Dictionary(uniqueKeysWithValues: names.map { ($0, 0.1) }))
    let parsed = try JSONSerialization.jsonObject(with: Data(record.json.utf8))
    #expect(parsed as? [String: Double] == record.values)
  }

  @Test(arguments: ["", "[1]", "{\"x\":\"big\"}", "{\"x\":{\"y\":1}}", "{\"x\":1} {}"])
  func whatIsNoRecordIsNotRead(line: String) {
    #expect(MetricsRecord(json: line.utf8) == nil)
  }

  @Test func aLogComesBackAsItWasWritten() throws {
    let folder = try TemporaryFolder()
    let log = try MetricsLog(creating: folder.path + "/metrics.jsonl")
    let records = (0..<50).map { MetricsRecord(["step": Double($0), "x": 1 / Double($0)]) }
    for record in records { try log.append(record) }
    #expect(try MetricsLog.read(folder.path + "/metrics.jsonl") == records)
  }

  @Test func anUnterminatedLastLineIsIgnored() throws {
    let folder = try TemporaryFolder()
    let path = try folder.write("{\"step\":1}\n{\"step\":2}\n{\"step\":3}", to: "cut.jsonl")
    #expect(try MetricsLog.read(path).map(\.["step"]) == [1, 2])
    let first = try folder.write("{\"st", to: "first.jsonl")
    #expect(try MetricsLog.read(first).isEmpty)
  }

  @Test func aDamagedLineIsToldByItsNumber() throws {
    let folder = try TemporaryFolder()
    let path = try folder.write("{\"step\":1}\n{\"st\n{\"step\":3}\n", to: "damaged.jsonl")
    let error = #expect(throws: FileError.self) { try MetricsLog.read(path) }
    #expect(error?.kind == .damaged)
    #expect(error?.description.contains("line 2") == true)
  }

  @Test func aLogThatIsThereIsNotWrittenTo() throws {
    let folder = try TemporaryFolder()
    let path = try folder.write("old\n", to: "metrics.jsonl")
    let error = #expect(throws: FileError.self) {
      let log = try MetricsLog(creating: path)
      try log.append(MetricsRecord([:]))
    }
    #expect(error?.kind == .cannotCreate)
    #expect(try text(of: path) == "old\n")
  }
}
