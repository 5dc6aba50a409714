import RLCore
import RLSystem
import RLTraining

/// An evaluation as it is told.
struct EvaluationAnswer {
  var evaluation: Evaluation
  var environmentID: String
  var policy: String  // path

  /// Schema `rl-host/eval/1`; `metrics` is there if the environment declares some.
  var json: JSON { .object(results + metrics + speed) }

  private var results: [JSON.Field] {
    let returns = evaluation.returns
    return [
      .init("schema", .text("rl-host/eval/1")), .init("env", .text(environmentID)),
      .init("policy", .text(policy)), .init("episodes", .integer(evaluation.episodes.count)),
      .init("seed", .integer(Int(evaluation.seed))),
      .init("deterministic", .bool(evaluation.deterministic)),
      .init(
        "return",
        .object([
          .init("mean", .number(returns.mean)), .init("std", .number(returns.std)),
          .init("median", .number(returns.median)), .init("iqm", .number(returns.iqm)),
          .init("ci95", .list([.number(returns.ci95.low), .number(returns.ci95.high)])),
          .init("min", .number(returns.min)), .init("max", .number(returns.max)),
        ])),
      .init(
        "length",
        .object([
          .init("mean", .number(evaluation.lengths.mean)),
          .init("min", .integer(evaluation.lengths.min)),
          .init("max", .integer(evaluation.lengths.max)),
        ])),
    ]
  }

  /// The mean of each declared metric; null for one that no episode reported.
  private var metrics: [JSON.Field] {
    let means = evaluation.metricNames.map { name in
      JSON.Field(name, .optional(evaluation.metrics[name]))
    }
    return means.isEmpty ? [] : [.init("metrics", .object(means))]
  }

  private var speed: [JSON.Field] {
    [
      .init("wall_s", .number(evaluation.wallSeconds)),
      .init("steps_per_s", .number(evaluation.stepsPerSecond)),
    ]
  }

  /// A table of one row, and the environment's own metrics under it.
  var table: String {
    let returns = evaluation.returns
    var table = Table(
      ["n", "mean", "std", "median", "IQM", "95 % interval", "min", "max", "length"].map {
        ($0, .right)
      })
    table.append([
      "\(evaluation.episodes.count)", number(returns.mean), number(returns.std),
      number(returns.median), number(returns.iqm),
      "\(number(returns.ci95.low)) ... \(number(returns.ci95.high))", number(returns.min),
      number(returns.max), fixed(evaluation.lengths.mean, decimals: 1),
    ])
    guard !evaluation.metrics.entries.isEmpty else { return table.text }
    let metrics = evaluation.metrics.entries.map { (metricName($0), metricText($0)) }
    return table.text + "\n" + listing(metrics)
  }

  private func number(_ value: Double) -> String { fixed(value, decimals: 2) }
}

/// What the mean of a metric is called: the reserved `success` is a rate.
func metricName(_ mean: Metrics.Entry) -> String {
  mean.name == "success" ? "success" : "mean \(mean.name)"
}

/// The mean of a metric: that of `success` in per cent.
func metricText(_ mean: Metrics.Entry) -> String {
  mean.name == "success" ? fixed(mean.value * 100, decimals: 1) + " %" : significant(mean.value)
}
