/// The language of a starter plugin.
public enum StarterLanguage: String, Sendable, CaseIterable {
  case c
  case cpp
  case rust

  /// The ending of its source files.
  public var fileExtension: String { self == .rust ? "rs" : rawValue }
}

/// A name that no environment can have. `description` says what to write instead.
public struct StarterNameError: Error, Sendable, Equatable, CustomStringConvertible {
  public var description: String
}

/// What a new environment is called: by its users, in its source, on the disk.
public struct StarterName: Sendable, Equatable {
  /// `[namespace/]Name-vN`.
  public let id: String
  /// The last part of the plugin's id, and the file's name without its ending: `my_env`.
  public let stem: String
  /// The environment's type: `MyEnv`.
  let type: String
  /// Before `_reset` and `_step` in C.
  let prefix: String

  /// Makes an id of a name such as `my_env` (`MyEnv-v0`); one that is an id already is kept.
  ///
  /// - Throws: `StarterNameError`.
  public init(_ text: String, language: StarterLanguage) throws(StarterNameError) {
    let parts = text.split(separator: "/", omittingEmptySubsequences: false).map(String.init)
    guard parts.count <= 2, let last = parts.last else {
      throw StarterNameError(
        description:
          "\"\(text)\" is no name but a path: write its last part, and the folder as --into")
    }
    let base = Self.withoutVersion(last)
    for part in parts.dropLast() + [base ?? last] { try Self.check(part, of: text) }
    if parts.count == 2, base == nil {
      throw StarterNameError(
        description:
          "\"\(text)\": an id with a namespace ends in its version: \(text)-v0; a folder is "
          + "given as --into")
    }
    let words = Self.words(base ?? last)
    let camel = words.map { $0.prefix(1).uppercased() + $0.dropFirst() }.joined()
    id = base == nil ? "\(camel)-v0" : text
    stem = words.map(Self.snake).joined(separator: "_")
    // a name in capitals may be a macro
    let isShouted = camel.count > 1 && !camel.contains(where: \.isLowercase)
    let plain = isShouted ? camel.prefix(1) + camel.dropFirst().lowercased() : camel
    type = Self.taken(language).contains(plain) ? plain + "World" : plain
    prefix = stem.hasPrefix("rlenv") ? "my_\(stem)" : stem
  }

  /// The name in front of `-vN`; `nil` without a version.
  private static func withoutVersion(_ text: String) -> String? {
    guard let dash = text.lastIndex(of: "-"), dash != text.startIndex else { return nil }
    let version = text[text.index(after: dash)...]
    let digits = version.dropFirst()
    guard version.first == "v", !digits.isEmpty, digits.allSatisfy({ "0"..."9" ~= $0 }) else {
      return nil
    }
    return String(text[..<dash])
  }

  private static func check(_ part: String, of text: String) throws(StarterNameError) {
    let isWord = part.unicodeScalars.allSatisfy(isAllowed)
    guard let first = part.unicodeScalars.first, isWord, first.properties.isAlphabetic,
      !words(part).isEmpty
    else {
      let near = repaired(part)
      throw StarterNameError(
        description:
          "\"\(text)\" is no name for an environment: a letter, then letters, digits, _ and -"
          + (near.isEmpty ? ", such as my_env" : "; did you mean \(near)?"))
    }
    guard part.utf8.count <= 64 else {
      throw StarterNameError(description: "\"\(text)\" is longer than 64 letters: shorten it")
    }
  }

  private static func isAllowed(_ scalar: Unicode.Scalar) -> Bool {
    scalar.isASCII
      && (scalar.properties.isAlphabetic || "0"..."9" ~= scalar || scalar == "_" || scalar == "-")
  }

  /// A name near to `part`; empty if there is none.
  private static func repaired(_ part: String) -> String {
    let ending = part.lastIndex(of: ".").map { part[..<$0] } ?? part[...]
    let letters = ending.unicodeScalars.map { isAllowed($0) ? String($0) : "_" }.joined()
    let start = letters.drop { !$0.isLetter }
    return String(start.reversed().drop { $0 == "_" || $0 == "-" }.reversed())
  }

  /// The words between underscores and dashes.
  private static func words(_ name: String) -> [String] {
    name.split { $0 == "_" || $0 == "-" }.map(String.init)
  }

  /// `MyEnv` as `my_env`, `ENV` as `env`.
  private static func snake(_ word: String) -> String {
    var result = ""
    var wasLower = false
    for letter in word {
      if letter.isUppercase, wasLower { result += "_" }
      result += letter.lowercased()
      wasLower = !letter.isUppercase
    }
    return result
  }

  /// Type names that the template uses itself.
  private static func taken(_ language: StarterLanguage) -> Set<String> {
    switch language {
    case .c: []
    case .cpp: ["Instance", "Body"]
    case .rust:
      [
        "AssertUnwindSafe", "Batch", "Box", "Clone", "Copy", "Default", "Drop", "Env", "Err",
        "Error", "Fn", "FnMut", "FnOnce", "Iterator", "Leaf", "List", "None", "Ok", "Option",
        "Plugin", "Result", "Rows", "Self", "Send", "Some", "String", "Sync", "T", "Vec",
      ]
    }
  }
}
