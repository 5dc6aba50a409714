import RLCore
import Yams

/// A YAML text as ordered mappings of configuration values, with the line of each key.
///
/// Only what configurations need: mappings, lists, scalars. Duplicate keys, anchors' tags and
/// other documents are refused.
indirect enum YAMLTree {
  case mapping([Entry])
  case value(ConfigurationValue)

  struct Entry {
    var key: String
    var line: Int
    var tree: YAMLTree
  }

  /// - Throws: `ConfigurationFileError` with the file and the line.
  static func read(_ text: String, file: String) throws(ConfigurationFileError) -> YAMLTree {
    if let line = lineOfAnchor(in: text) {
      throw ConfigurationFileError(
        file: file, line: line,
        reason: "anchors are not read here: write the value out, and an & that belongs to a text "
          + "as \\x26 in double quotes")
    }
    let node: Node?
    do {
      node = try Yams.compose(yaml: text)
    } catch {
      throw ConfigurationFileError(
        file: file, line: nil, reason: "not YAML: \(clipped("\(error)"))")
    }
    guard let node else { return .mapping([]) }
    return try tree(node, file: file, depth: 0)
  }

  /// The reader quotes the whole line, however long it is.
  private static func clipped(_ text: String) -> String {
    text.split(separator: "\n", omittingEmptySubsequences: false).map { line in
      line.count > 160 ? "\(line.prefix(160)) ..." : "\(line)"
    }.joined(separator: "\n")
  }

  private static func tree(
    _ node: Node, file: String, depth: Int
  ) throws(ConfigurationFileError) -> YAMLTree {
    guard depth < 16 else {
      throw ConfigurationFileError(file: file, line: line(node), reason: "nested too deep")
    }
    guard case .mapping(let mapping) = node else { return .value(try value(node, file: file)) }
    var entries: [Entry] = []
    for (keyNode, valueNode) in mapping {
      guard let key = keyNode.scalar?.string else {
        throw ConfigurationFileError(file: file, line: line(keyNode), reason: "a key must be text")
      }
      if entries.contains(where: { $0.key == key }) {
        throw ConfigurationFileError(file: file, line: line(keyNode), reason: "\(key) stands twice")
      }
      entries.append(
        Entry(
          key: key, line: line(keyNode) ?? 0,
          tree: try tree(valueNode, file: file, depth: depth + 1)))
    }
    return .mapping(entries)
  }

  private static func value(
    _ node: Node, file: String
  ) throws(ConfigurationFileError) -> ConfigurationValue {
    switch node {
    case .scalar(let scalar):
      return scalar.style == .plain || scalar.style == .any
        ? ValueParser.scalar(scalar.string) : .text(scalar.string)
    case .sequence(let sequence):
      var values: [ConfigurationValue] = []
      for element in sequence { values.append(try value(element, file: file)) }
      return .list(values)
    default:
      throw ConfigurationFileError(
        file: file, line: line(node), reason: "needs a number, text or list here")
    }
  }

  private static func line(_ node: Node) -> Int? { node.mark?.line }
}

/// A configuration file that cannot be used. `description` says what, where and what to do.
public struct ConfigurationFileError: Error, Sendable, Equatable, CustomStringConvertible {
  public var file: String
  public var line: Int?
  public var reason: String

  public var description: String {
    "\(file)\(line.map { ":\($0)" } ?? ""): \(reason)"
  }
}
