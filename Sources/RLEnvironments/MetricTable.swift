internal import CRLEnv
internal import RLCore

/// Reads and checks the metrics that an environment declares.
///
/// - Throws: `TableFault` naming the metric.
func readMetrics(_ list: rlenv_list) throws(TableFault) -> [EnvironmentSpec.Metric] {
  let table = try unsafe TableList(
    list, "metrics", size: RLENV_SIZE_1_0_METRIC, empty: rlenv_metric())
  guard unsafe table.count <= 4096 else {
    throw TableFault("metrics", "has \(unsafe table.count) elements, 4096 are allowed")
  }
  var metrics: [EnvironmentSpec.Metric] = []
  for index in unsafe 0..<table.count {
    let metric = unsafe table[index]
    let name = try unsafe requiredText(metric.name, "metrics[\(index)].name", .metricName)
    guard !metrics.contains(where: { $0.name == name }) else {
      throw TableFault("metric \(name)", "is declared twice: rename one")
    }
    guard let reduction = unsafe reduction(metric.reduce) else {
      throw TableFault(
        "metric \(name)",
        "reduce is \(unsafe metric.reduce), which is none of RLENV_LAST, SUM, MEAN, MIN, MAX")
    }
    metrics.append(EnvironmentSpec.Metric(name: name, reduction: reduction))
  }
  return metrics
}

private func reduction(_ value: Int32) -> EnvironmentSpec.Metric.Reduction? {
  switch Int(value) {
  case RLENV_LAST: .last
  case RLENV_SUM: .sum
  case RLENV_MEAN: .mean
  case RLENV_MIN: .min
  case RLENV_MAX: .max
  default: nil
  }
}
