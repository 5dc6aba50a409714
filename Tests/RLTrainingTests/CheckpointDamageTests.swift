import Foundation
import RLCore
import RLSystem
import RLTestSupport
import RLTraining
import Testing

@Suite struct CheckpointDamageTests {
  /// Flips, truncations, extensions, overwritten ranges, swaps and deletions; the seed reproduces.
  @Test(arguments: [1, 2, 3, 4])
  func noneOfManyRandomDamagesIsAccepted(seed: UInt64) throws {
    let checkpoints = try CheckpointFolder(count: 3, seed: seed)
    let names = ["LATEST", "BEST"].map { "\(checkpoints.path)/\($0)" }
    let newest = try checkpoints.files(of: 2)
    let all = try newest + newest + checkpoints.files(of: 1) + names
    var random = RandomStream(seed: seed, purpose: "damages")
    var refused = 0
    for round in 0..<250 {
      let damage = Damage(all, &random)
      let before = damage.apply()
      let answer = try checkpoints.load()
      let isHarmed = newest.contains { before[$0] != nil && before[$0] != contents($0) }
      if isHarmed {
        refused += 1
        #expect(answer?.number != 2, "seed \(seed), round \(round): \(damage)")
        #expect(answer?.skipped.isEmpty != true, "seed \(seed), round \(round): \(damage)")
      } else if damage.path.hasSuffix("/LATEST") || damage.path.hasSuffix("/BEST") {
        #expect(answer?.number == 2, "seed \(seed), round \(round): \(damage)")
      }
      for (path, bytes) in before { try bytes.write(to: URL(filePath: path)) }
    }
    #expect(refused > 120)
    #expect(try checkpoints.load()?.number == 2)
  }

  @Test func anyMissingFileMakesTheOlderCheckpointTheNewest() throws {
    let checkpoints = try CheckpointFolder(count: 2, seed: 9)
    for path in try checkpoints.files(of: 1) {
      let away = "\(checkpoints.path)/away"
      try FileManager.default.moveItem(atPath: path, toPath: away)
      let answer = try #require(try checkpoints.load())
      #expect(answer.number == 0)
      #expect(answer.skipped.count == 1 && answer.skipped[0].contains(path))
      try FileManager.default.moveItem(atPath: away, toPath: path)
    }
  }

  @Test func aFolderThatIsGoneIsToldByLatest() throws {
    let checkpoints = try CheckpointFolder(count: 2, seed: 10)
    try FileManager.default.removeItem(atPath: checkpoints.path(of: 1))
    let answer = try #require(try checkpoints.load())
    #expect(answer.number == 0)
    #expect(answer.skipped == ["\(checkpoints.path(of: 1)): is not there, and LATEST names it"])
    try FileManager.default.removeItem(atPath: checkpoints.path(of: 0))
    #expect(try checkpoints.load() == nil)
  }

  @Test func aWholeCheckpointUnderAnotherStepIsRefused() throws {
    let checkpoints = try CheckpointFolder(count: 2, seed: 11)
    let later = "\(checkpoints.path)/999999999999"
    try FileManager.default.copyItem(atPath: checkpoints.path(of: 0), toPath: later)
    let answer = try #require(try checkpoints.load())
    #expect(answer.number == 1)
    #expect(answer.skipped.count == 1 && answer.skipped[0].contains("not of this folder's"))
  }

  @Test func linksAndPipesAreRefusedWhereverTheyLead() throws {
    let checkpoints = try CheckpointFolder(count: 2, seed: 12)
    let folder = checkpoints.path(of: 1)
    let away = "\(checkpoints.path)/away"
    let paths = try checkpoints.files(of: 1).prefix(4) + ["\(folder)/columns", folder]
    for path in paths {
      try FileManager.default.moveItem(atPath: path, toPath: away)
      try FileManager.default.createSymbolicLink(atPath: path, withDestinationPath: away)
      #expect(try checkpoints.load()?.number == 0, "a link at \(path)")
      try FileManager.default.removeItem(atPath: path)
      try makePipe(path)
      #expect(try checkpoints.load()?.number == 0, "a pipe at \(path)")
      try FileManager.default.removeItem(atPath: path)
      try FileManager.default.moveItem(atPath: away, toPath: path)
    }
    #expect(try checkpoints.load()?.number == 1)
  }

  @Test func allDamagedIsAnErrorThatNamesEach() throws {
    let checkpoints = try CheckpointFolder(count: 2, seed: 13)
    for number in 0...1 {
      try FileManager.default.removeItem(atPath: checkpoints.path(of: number) + "/MANIFEST.json")
    }
    let error = #expect(throws: FileError.self) { try CheckpointStore.load(checkpoints.path) }
    #expect(error?.kind == .damaged)
    for number in 0...1 {
      #expect(error?.description.contains(checkpoints.path(of: number)) == true)
    }
  }
}

private func makePipe(_ path: String) throws {
  let process = try Process.run(URL(filePath: "/usr/bin/env"), arguments: ["mkfifo", path])
  process.waitUntilExit()
  try #require(process.terminationStatus == 0)
}

private func contents(_ path: String) -> Data? { FileManager.default.contents(atPath: path) }

/// Something that happens to files, in place: hard links share it.
private struct Damage: CustomStringConvertible {
  enum Kind: CaseIterable {
    case flip
    case truncate
    case extend
    case overwrite
    case swap
    case delete
  }

  let kind: Kind
  let path: String
  private let other: String  // what it is swapped with
  private let place: UInt64
  private let value: UInt64

  init(_ paths: [String], _ random: inout RandomStream) {
    kind = Kind.allCases[random.index(below: Kind.allCases.count)]
    path = paths[random.index(below: paths.count)]
    other = paths[random.index(below: paths.count)]
    place = random.next()
    value = random.next()
  }

  var description: String { "\(kind) \(path) at \(place)" }

  /// - Returns: what the files held before, by path.
  func apply() -> [String: Data] {
    var bytes = contents(path) ?? Data()
    var before = [path: bytes]
    let offset = bytes.isEmpty ? 0 : Int(place % UInt64(bytes.count))
    switch kind {
    case .flip: if !bytes.isEmpty { bytes[offset] ^= 1 << UInt8(value % 8) }
    case .truncate: bytes = bytes.prefix(offset)
    case .extend: bytes += Data((0...value % 5).map { UInt8(truncatingIfNeeded: value >> $0) })
    case .overwrite:
      for index in offset..<min(offset + 16, bytes.count) { bytes[index] = UInt8(value & 255) }
    case .swap:
      before[other] = contents(other)
      try? bytes.write(to: URL(filePath: other))
      bytes = before[other] ?? Data()
    case .delete:
      try? FileManager.default.removeItem(atPath: path)
      return before
    }
    try? bytes.write(to: URL(filePath: path))
    return before
  }
}
