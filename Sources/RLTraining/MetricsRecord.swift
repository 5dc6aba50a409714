internal import FoundationEssentials
import RLCore

/// Named numbers of one moment of a run: a line of `metrics.jsonl`.
///
/// Names are SB3's where the meaning is the same. What depends on the clock is named `time/...`;
/// the rest is a function of the run's seed.
public struct MetricsRecord: Sendable, Equatable {
  public var values: [String: Double]

  public init(_ values: [String: Double]) { self.values = values }

  public subscript(name: String) -> Double? { values[name] }

  /// The record without what depends on the clock.
  public var withoutTime: MetricsRecord {
    MetricsRecord(values.filter { !$0.key.hasPrefix("time/") })
  }

  /// A flat JSON object without a line's end.
  ///
  /// Keys are sorted by their bytes; numbers are the shortest decimals that read back as the same;
  /// the non-finite ones are the strings `"nan"`, `"inf"` and `"-inf"`.
  public var json: String {
    let sorted = values.sorted { $0.key.utf8.lexicographicallyPrecedes($1.key.utf8) }
    return "{" + sorted.map { quoted($0.key) + ":" + number($0.value) }.joined(separator: ",") + "}"
  }

  /// Reads what `json` wrote; `nil` when the text is something else.
  public init?(json: some Sequence<UInt8>) {
    let decoder = JSONDecoder()
    decoder.nonConformingFloatDecodingStrategy = .convertFromString(
      positiveInfinity: "inf", negativeInfinity: "-inf", nan: "nan")
    guard let values = try? decoder.decode([String: Double].self, from: Data(json)) else {
      return nil
    }
    self.values = values
  }
}

extension MetricsRecord {
  public init(_ record: TrainingRecord) {
    values = [
      "step": Double(record.step), "rollout/episodes": Double(record.episodes),
      "train/n_updates": Double(record.updates), "time/wall_s": record.time.wallSeconds,
      "time/fps": record.time.stepsPerSecond,
    ]
    values["rollout/ep_rew_mean"] = record.returnMean100
    values["rollout/ep_len_mean"] = record.lengthMean100
    add(record.environmentMetrics, group: "rollout")
    for entry in record.agentMetrics.entries where values[entry.name] == nil {
      values[entry.name] = entry.value
    }
  }

  public init(_ evaluation: Evaluation, step: Int) {
    let returns = evaluation.returns
    values = [
      "step": Double(step), "eval/episodes": Double(evaluation.episodes.count),
      "eval/mean_reward": returns.mean, "eval/std_reward": returns.std,
      "eval/median_reward": returns.median, "eval/iqm": returns.iqm,
      "eval/ci95_low": returns.ci95.low, "eval/ci95_high": returns.ci95.high,
      "eval/min_reward": returns.min, "eval/max_reward": returns.max,
      "eval/mean_ep_length": evaluation.lengths.mean, "time/eval_s": evaluation.wallSeconds,
    ]
    add(evaluation.metrics, group: "eval")
  }

  /// Adds what the environment reports: `success` as SB3's `success_rate`, `x` as `metric_x`.
  private mutating func add(_ metrics: Metrics, group: String) {
    for entry in metrics.entries {
      let name = entry.name == "success" ? "success_rate" : "metric_" + entry.name
      values["\(group)/\(name)"] = entry.value
    }
  }
}

private func number(_ value: Double) -> String {
  if value.isNaN { return "\"nan\"" }
  if value.isInfinite { return value < 0 ? "\"-inf\"" : "\"inf\"" }
  let text = value.description
  return text.hasSuffix(".0") ? String(text.dropLast(2)) : text
}

private func quoted(_ text: String) -> String {
  var result = "\""
  for scalar in text.unicodeScalars {
    switch scalar {
    case "\"", "\\": result += "\\\(scalar)"
    case ..<" ":
      let digits = String(scalar.value, radix: 16)
      result += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
    default: result.unicodeScalars.append(scalar)
    }
  }
  return result + "\""
}
