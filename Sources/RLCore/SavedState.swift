/// The state of an agent, an environment or a training, as named arrays. Copies share storage until
/// one side writes.
public struct SavedState: Sendable, Equatable {
  public enum Entry: Sendable, Equatable {
    case floats([Float])
    case bytes([UInt8])
    case integers([Int32])
    case words([UInt64])
  }

  public var entries: [String: Entry]

  public init(entries: [String: Entry] = [:]) { self.entries = entries }

  public subscript(name: String) -> Entry? {
    get { entries[name] }
    set { entries[name] = newValue }
  }

  /// Adds `other` under `prefix.`.
  public mutating func merge(_ other: SavedState, prefix: String) {
    for (name, entry) in other.entries { entries["\(prefix).\(name)"] = entry }
  }

  /// The entries under `prefix.`, without it.
  public func part(_ prefix: String) -> SavedState {
    var result = SavedState()
    for (name, entry) in entries where name.hasPrefix(prefix + ".") {
      result.entries[String(name.dropFirst(prefix.count + 1))] = entry
    }
    return result
  }

  /// - Throws: `StateError` unless `name` is there as exactly `count` floats.
  public func floats(_ name: String, count: Int) throws(StateError) -> [Float] {
    guard case .floats(let values)? = entries[name], values.count == count else {
      throw mismatch(name, "\(count) floats")
    }
    return values
  }

  /// - Throws: `StateError` unless `name` is there as exactly `count` bytes.
  public func bytes(_ name: String, count: Int) throws(StateError) -> [UInt8] {
    guard case .bytes(let values)? = entries[name], values.count == count else {
      throw mismatch(name, "\(count) bytes")
    }
    return values
  }

  /// - Throws: `StateError` unless `name` is there as exactly `count` 32-bit integers.
  public func integers(_ name: String, count: Int) throws(StateError) -> [Int32] {
    guard case .integers(let values)? = entries[name], values.count == count else {
      throw mismatch(name, "\(count) integers")
    }
    return values
  }

  /// - Throws: `StateError` unless `name` is there as exactly `count` 64-bit words.
  public func words(_ name: String, count: Int) throws(StateError) -> [UInt64] {
    guard case .words(let values)? = entries[name], values.count == count else {
      throw mismatch(name, "\(count) words")
    }
    return values
  }

  private func mismatch(_ name: String, _ expected: String) -> StateError {
    StateError(reason: "\"\(name)\" should be \(expected): the state is of something else")
  }
}

/// A saved state that does not fit what is to continue from it.
public struct StateError: Error, Sendable, Equatable, CustomStringConvertible {
  public var reason: String

  public init(reason: String) { self.reason = reason }

  public var description: String { reason }
}
