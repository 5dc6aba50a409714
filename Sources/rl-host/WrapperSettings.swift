import RLCore
import RLPresets
import RLWrappers

/// The wrappers of a run, each value with where it came from.
struct WrapperSettings {
  /// With the algorithm's discount where none is given.
  let configuration: WrapperConfiguration
  /// What is given or in force; nothing where nothing is.
  let entries: [RunConfiguration.Entry]

  /// Settles the wrappers: later settings win.
  ///
  /// `settings` are those of the preset, the file called `fileName` and the flags, in this order.
  ///
  /// - Throws: `Failure` that names the value: 64, or 65 when it stands in the file.
  init(
    _ settings: [RunConfiguration.Entry], beside hyperparameters: Hyperparameters, fileName: String
  ) throws(Failure) {
    var given = WrapperConfiguration()
    var origins: [String: String] = [:]
    for setting in settings {
      do {
        for name in try WrapperConfiguration.names(for: setting.key) {
          try given.set(name, to: setting.value)
          origins[name] = setting.origin
        }
        try given.validate()
      } catch {
        let isOfFile = setting.origin == "file"
        throw Failure(
          isOfFile ? .damaged : .usage,
          (isOfFile ? "\(fileName): " : "--wrap ") + "\(error) (rl-host list wrappers tells more)")
      }
    }
    let named = Set(given.namesInForce).union(origins.keys)
    entries = given.values.filter { named.contains($0.name) }.map { name, value in
      RunConfiguration.Entry(name, value, origin: origins[name] ?? "default")
    }
    if given.gamma == nil { given.gamma = hyperparameters.gamma }
    configuration = given
  }
}

extension Hyperparameters {
  /// The algorithm's discount, if it has one.
  fileprivate var gamma: Double? {
    guard case .number(let gamma)? = entries.first(where: { $0.key == "gamma" })?.value else {
      return nil
    }
    return gamma
  }
}
