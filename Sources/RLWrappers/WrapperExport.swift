public import RLCore

/// How wrappers travel with a policy: what is in force as text, and the statistics.
///
/// Those of rewards are there to be looked at: no policy needs them.
extension WrappedEnvironment where Base: ~Copyable {
  public var wrapperState: WrapperState? {
    guard !configuration.isEmpty else { return nil }
    var state = WrapperState(settings: configuration.settings)
    if let limit = observations?.plan.timeLimit { state.settings["timeLimit"] = "\(limit)" }
    if let moments = observations?.moments {
      state.statistics.merge(moments.named("observation")) { $1 }
    }
    if let moments = rewards?.moments { state.statistics.merge(moments.named("return")) { $1 } }
    return state
  }
}

extension WrapperConfiguration {
  /// What is in force, as text.
  var settings: [String: String] {
    let names = Set(namesInForce)
    return Dictionary(
      uniqueKeysWithValues: values.filter { names.contains($0.name) }.map {
        ($0.name, $0.value.description)
      })
  }

  /// What `settings` told.
  ///
  /// - Throws: `StateError` for what none of this has written.
  init(settings: [String: String]) throws(StateError) {
    self.init()
    for (name, text) in settings.sorted(by: { $0.key < $1.key }) {
      guard Self.fields.contains(where: { $0.name == name }) else {
        throw StateError(
          reason: "there is no wrapper \"\(name)\" here: use the version that wrote it")
      }
      do { try set(name, to: Self.value(text)) } catch {
        throw StateError(reason: "its wrapper \(error)")
      }
    }
    do { try validate() } catch { throw StateError(reason: "its wrapper \(error)") }
    guard self.settings == settings else {
      throw StateError(reason: "its wrappers are not in the form that is written")
    }
  }

  private static func value(_ text: String) -> ConfigurationValue {
    if let whole = Int(text) { return .integer(whole) }
    return Double(text).map { .number($0) } ?? .text(text)
  }
}

extension RunningMoments {
  /// As entries of a state that are called `name.mean` ...
  func named(_ name: String) -> [String: [Double]] {
    ["\(name).mean": mean, "\(name).variance": variance, "\(name).count": [count]]
  }

  /// From the entries that `named` gave.
  ///
  /// - Throws: `StateError` when one is missing, of another width, or cannot be.
  init(_ statistics: [String: [Double]], _ name: String, columns: Int) throws(StateError) {
    guard let mean = statistics["\(name).mean"], let variance = statistics["\(name).variance"],
      let count = statistics["\(name).count"]
    else { throw StateError(reason: "the statistics of its \(name)s are missing") }
    guard mean.count == columns, count.count == 1,
      let moments = RunningMoments(mean: mean, variance: variance, count: count[0])
    else {
      throw StateError(reason: "the statistics of its \(name)s are not those of \(columns) numbers")
    }
    self = moments
  }
}
