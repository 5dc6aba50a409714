public import ArgumentParser
import RLEnvironments
import RLSystem

/// `key=value`, as `-o`, `-E` and `-w` take it.
struct Setting: Equatable {
  var key: String
  var value: String

  /// - Throws: `ValidationError` that says how to write it.
  init(_ argument: String) throws {
    let parts = argument.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
    guard parts.count == 2, !parts[0].isEmpty else {
      throw ValidationError("\"\(argument)\" should be key=value")
    }
    key = String(parts[0])
    value = String(parts[1])
  }
}

/// A count: `50000`, `50k`, `1M`, `1e6`.
func parseCount(_ argument: String) throws -> Int {
  let count: Int
  do { count = try CountText.parse(argument) } catch { throw ValidationError("\(error)") }
  guard count > 0 else { throw ValidationError("\(argument) should be 1 or more") }
  return count
}

/// A count that may be zero.
func parseCountOrZero(_ argument: String) throws -> Int {
  do { return try CountText.parse(argument) } catch { throw ValidationError("\(error)") }
}

/// Seconds: `30`, `0.5`, `0`.
func parseSeconds(_ argument: String) throws -> Double {
  guard let seconds = Double(argument), seconds.isFinite, seconds >= 0 else {
    throw ValidationError("\"\(argument)\" should be a number of seconds, 0 or more")
  }
  return seconds
}

/// Seeds end below 2^53, so that every JSON reader keeps them exact.
let seedLimit = 1 << 53

/// A seed: a whole number below 2^53.
func parseSeed(_ argument: String) throws -> Int {
  guard let seed = Int(argument), (0..<seedLimit).contains(seed) else {
    throw ValidationError("\"\(argument)\" should be a whole number from 0 to \(seedLimit - 1)")
  }
  return seed
}

extension NonfinitePolicy: ExpressibleByArgument {}
