import Foundation

/// The cases of one child process. It notes each case before it begins it, so that its parent knows
/// which one it died of.
struct FuzzWorker {
  let target: FuzzTarget
  let seed: UInt64

  func run(_ cases: Range<Int>, progress: FileHandle) throws -> FuzzTally {
    var tally = FuzzTally()
    for index in cases {
      try progress.seek(toOffset: 0)
      try progress.write(contentsOf: Data("\(index)\n".utf8))
      let result = try FuzzCase(target, seed: seed, index: index).run(target)
      tally.add(isAccepted: result.isAccepted, held: result.held)
    }
    return tally
  }
}
