import RLAgents
import RLCore
import RLPresets

/// An algorithm's hyperparameters, each with where it came from.
struct Hyperparameters {
  let configuration: any AlgorithmConfiguration
  let entries: [RunConfiguration.Entry]

  /// Settles every hyperparameter of `algorithm`: later settings win.
  ///
  /// `settings` are those of the preset, the file called `fileName` and the flags, in this order.
  ///
  /// - Throws: `Failure` that names the hyperparameter: 64, or 65 when it stands in the file.
  init(
    of algorithm: AlgorithmEntry, settings: [RunConfiguration.Entry], fileName: String
  ) throws(Failure) {
    do {
      configuration = try algorithm.configure(settings.map { ($0.key, $0.value) })
    } catch {
      let source = settings.last { Self.isSame($0.key, error.field, algorithm) }
      let isOfFile = source?.origin == "file"
      throw Failure(
        isOfFile ? .damaged : .usage,
        (isOfFile ? "\(fileName): " : "-o ") + "\(error)"
          + " (rl-host list algos \(algorithm.name) tells more)")
    }
    entries = configuration.values.map { name, value in
      let source = settings.last { Self.isSame($0.key, name, algorithm) }
      return RunConfiguration.Entry(name, value, origin: source?.origin ?? "default")
    }
  }

  /// The values as text, for the policy file.
  var texts: [String: String] {
    Dictionary(uniqueKeysWithValues: entries.map { ($0.key, $0.value.description) })
  }

  /// Whether two names mean the same hyperparameter.
  private static func isSame(_ a: String, _ b: String, _ algorithm: AlgorithmEntry) -> Bool {
    a == b || canonical(a, algorithm) == canonical(b, algorithm)
  }

  private static func canonical(_ key: String, _ algorithm: AlgorithmEntry) -> String {
    let field = algorithm.fields.first {
      $0.name == key || snakeCase($0.name) == key || $0.aliases.contains(key)
    }
    return field?.name ?? key
  }
}
