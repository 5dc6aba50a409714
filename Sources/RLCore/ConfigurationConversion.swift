extension ConfigurationValue {
  /// A whole number; `50k`, `1M` and `1e6` are whole numbers too.
  ///
  /// - Throws: `ConfigurationError` naming `field`.
  public func integer(_ field: String, in range: ClosedRange<Int>) throws(ConfigurationError) -> Int
  {
    guard let value = wholeNumber else {
      throw ConfigurationError(field: field, reason: "needs a whole number, not \(self)")
    }
    guard range.contains(value) else {
      throw ConfigurationError(field: field, reason: "\(value) is outside \(Self.text(range))")
    }
    return value
  }

  /// A finite number.
  ///
  /// - Throws: `ConfigurationError` naming `field`.
  public func number(
    _ field: String, in range: ClosedRange<Double>
  ) throws(ConfigurationError) -> Double {
    guard let value = real, value.isFinite else {
      throw ConfigurationError(field: field, reason: "needs a number, not \(self)")
    }
    guard range.contains(value) else {
      throw ConfigurationError(
        field: field, reason: "\(value) is outside \(range.lowerBound) ... \(range.upperBound)")
    }
    return value
  }

  /// - Throws: `ConfigurationError` naming `field`, unless this is true or false.
  public func flag(_ field: String) throws(ConfigurationError) -> Bool {
    switch self {
    case .bool(let value): return value
    case .text("true"): return true
    case .text("false"): return false
    default: throw ConfigurationError(field: field, reason: "needs true or false, not \(self)")
    }
  }

  /// One of `choices`.
  ///
  /// - Throws: `ConfigurationError` naming `field` and the choices.
  public func choice(_ field: String, of choices: [String]) throws(ConfigurationError) -> String {
    guard case .text(let value) = self, choices.contains(value) else {
      throw ConfigurationError(
        field: field, reason: "needs one of \(choices.joined(separator: ", ")), not \(self)")
    }
    return value
  }

  /// A list of whole numbers; a single number is a list of one.
  ///
  /// - Throws: `ConfigurationError` naming `field`.
  public func integers(
    _ field: String, in range: ClosedRange<Int>
  ) throws(ConfigurationError) -> [Int] {
    let elements: [ConfigurationValue]
    if case .list(let list) = self { elements = list } else { elements = [self] }
    var result: [Int] = []
    for element in elements { result.append(try element.integer(field, in: range)) }
    return result
  }

  /// The whole number that this value spells, if it spells one.
  public var wholeNumber: Int? {
    switch self {
    case .integer(let value): value
    case .number(let value): Int(exactly: value)
    case .text(let text): Self.count(text)
    default: nil
    }
  }

  private var real: Double? {
    switch self {
    case .integer(let value): Double(value)
    case .number(let value): value
    case .text(let text): Double(text)
    default: nil
    }
  }

  /// `50k`, `1.5M`, `2G`, `1e6`, `10_000`.
  private static func count(_ text: String) -> Int? {
    var digits = text.filter { $0 != "_" }
    let scale: Double
    switch digits.last {
    case "k", "K": scale = 1e3
    case "M": scale = 1e6
    case "G": scale = 1e9
    default: return Double(digits).flatMap { Int(exactly: $0) }
    }
    digits.removeLast()
    guard !digits.isEmpty else { return nil }
    guard let value = Double(digits), abs(value * scale - (value * scale).rounded()) < 1e-6 else {
      return nil
    }
    return Int(exactly: (value * scale).rounded())
  }

  private static func text(_ range: ClosedRange<Int>) -> String {
    range.upperBound == .max
      ? "\(range.lowerBound) and above" : "\(range.lowerBound) ... \(range.upperBound)"
  }
}

extension ConfigurationField {
  /// A hyperparameter that is a whole number.
  public static func integer(
    _ name: String, aliases: [String] = [], _ path: any WritableKeyPath<Root, Int> & Sendable,
    in range: ClosedRange<Int> = 1...Int.max, doc: String
  ) -> ConfigurationField {
    ConfigurationField(
      name, aliases: aliases, doc: doc, read: { .integer($0[keyPath: path]) },
      write: { (root, value) throws(ConfigurationError) in
        root[keyPath: path] = try value.integer(name, in: range)
      })
  }

  /// A hyperparameter that is a 32-bit number.
  public static func number(
    _ name: String, aliases: [String] = [], _ path: any WritableKeyPath<Root, Float> & Sendable,
    in range: ClosedRange<Double>, doc: String
  ) -> ConfigurationField {
    ConfigurationField(
      name, aliases: aliases, doc: doc,
      read: { .number(Double("\($0[keyPath: path])") ?? Double($0[keyPath: path])) },
      write: { (root, value) throws(ConfigurationError) in
        root[keyPath: path] = Float(try value.number(name, in: range))
      })
  }

  /// A hyperparameter that is a 64-bit number.
  public static func double(
    _ name: String, aliases: [String] = [], _ path: any WritableKeyPath<Root, Double> & Sendable,
    in range: ClosedRange<Double>, doc: String
  ) -> ConfigurationField {
    ConfigurationField(
      name, aliases: aliases, doc: doc, read: { .number($0[keyPath: path]) },
      write: { (root, value) throws(ConfigurationError) in
        root[keyPath: path] = try value.number(name, in: range)
      })
  }

  /// A hyperparameter that is true or false.
  public static func flag(
    _ name: String, aliases: [String] = [], _ path: any WritableKeyPath<Root, Bool> & Sendable,
    doc: String
  ) -> ConfigurationField {
    ConfigurationField(
      name, aliases: aliases, doc: doc, read: { .bool($0[keyPath: path]) },
      write: { (root, value) throws(ConfigurationError) in
        root[keyPath: path] = try value.flag(name)
      })
  }

  /// A hyperparameter that is one of the cases of an enumeration.
  public static func choice<T: RawRepresentable<String> & CaseIterable & Sendable>(
    _ name: String, aliases: [String] = [], _ path: any WritableKeyPath<Root, T> & Sendable,
    doc: String
  ) -> ConfigurationField {
    ConfigurationField(
      name, aliases: aliases, doc: doc, read: { .text($0[keyPath: path].rawValue) },
      write: { (root, value) throws(ConfigurationError) in
        let text = try value.choice(name, of: T.allCases.map(\.rawValue))
        if let chosen = T(rawValue: text) { root[keyPath: path] = chosen }
      })
  }
}
