internal import RLCore

/// The largest batch: observations of all lanes, twice.
private let largestBatch = 2 << 30  // bytes

/// The lanes of each instance: contiguous blocks that differ by one at most.
///
/// - Throws: `PluginError.usage` if the environment cannot have that many.
func blockSizes(
  _ environment: EnvironmentDescription, lanes: Int, instances: Int, path: String
) throws(PluginError) -> [Int] {
  func usage(_ reason: String) -> PluginError {
    .usage(path: path, environment: environment.id, reason: reason)
  }
  guard lanes >= 1, lanes <= 1 << 24 else {
    throw usage("\(lanes) lanes are asked for; 1 ... \(1 << 24) are possible")
  }
  guard instances >= 1 else { throw usage("\(instances) instances are asked for; 1 is the least") }
  let isSingleLane = environment.flags.contains(.singleLane)
  let count = isSingleLane ? lanes : min(instances, lanes)
  guard count == 1 || !environment.flags.contains(.singleInstance) else {
    throw usage(
      isSingleLane
        ? "it has global state and one lane, so \(lanes) lanes are not possible: ask for 1"
        : "it has global state, so \(count) instances are not possible: ask for 1")
  }
  return (0..<count).map { lanes / count + ($0 < lanes % count ? 1 : 0) }
}

/// Makes the instances and asks what they are: equal answers, but each has its own memory, so that
/// threads which step them do not contend for it.
///
/// - Throws: `PluginError.usage` for options that do not fit; `PluginError.refused` if an instance
///   cannot be made, describes itself wrongly, or is too large.
func makeInstances(
  _ environment: EnvironmentDescription, options: [String: String], sizes: [Int], path: String
) throws(PluginError) -> [(instance: PluginInstance, spec: EnvironmentSpec)] {
  let values: [OptionValue]
  do throws(TableFault) {
    values = try selectOptions(options, among: environment.options)
  } catch {
    throw .usage(path: path, environment: environment.id, reason: error.text)
  }
  do throws(TableFault) {
    var made: [(instance: PluginInstance, spec: EnvironmentSpec)] = []
    for lanes in sizes {
      let instance = try PluginInstance(environment, options: values, lanes: lanes)
      let described = try instance.describe()
      if let first = made.first, first.spec != described {
        throw TableFault(
          "describe", "two instances with the same options describe themselves differently")
      }
      made.append((instance, described))
    }
    try checkBatch(made[0].spec, lanes: sizes.reduce(0, +))
    return made
  } catch {
    throw .refused(path: path, environment: environment.id, reason: error.text)
  }
}

private func checkBatch(_ spec: EnvironmentSpec, lanes: Int) throws(TableFault) {
  let bytes = 2 * lanes * RowLayout(spec.observation).rowBytes
  guard bytes <= largestBatch else {
    throw TableFault(
      "observation",
      "\(lanes) lanes need \(bytes) bytes, this host takes \(largestBatch) at most: use fewer lanes"
    )
  }
}
