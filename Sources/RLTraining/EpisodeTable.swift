public import RLCore

/// Episodes as comma-separated values (RFC 4180): a fixed header, then a row for each episode.
///
/// The columns are `step,lane,` in training, then `index,return,length,end,seed` and one for each
/// metric the environment declares, empty where it said nothing. `end` is `terminated`,
/// `truncated` or `both`; `step` counts environment steps summed over lanes.
public enum EpisodeTable {
  /// The columns of training, with the line's end.
  public static func trainingHeader(metrics: [String]) -> String {
    header(["step", "lane"] + columns + metrics)
  }

  public static func trainingRow(_ episode: EpisodeRecord, step: Int) -> String {
    line(["\(step)", "\(episode.lane)"] + fields(episode))
  }

  /// The whole table of an evaluation, in order of the episodes' indices.
  public static func text(_ evaluation: Evaluation) -> String {
    evaluation.episodes.reduce(into: header(columns + evaluation.metricNames)) { text, episode in
      text += line(fields(episode))
    }
  }

  private static let columns = ["index", "return", "length", "end", "seed"]

  private static func fields(_ episode: EpisodeRecord) -> [String] {
    let end = episode.terminated ? episode.truncated ? "both" : "terminated" : "truncated"
    return [
      "\(episode.index)", "\(episode.episodeReturn)", "\(episode.length)", end, "\(episode.seed)",
    ] + episode.metrics.map { $0.isNaN ? "" : "\($0)" }
  }

  /// Only names may need quotes: a row has numbers and words.
  private static func header(_ names: [String]) -> String { line(names.map(quotedWhereNeeded)) }

  private static func line(_ fields: [String]) -> String {
    fields.joined(separator: ",") + "\r\n"
  }

  private static func quotedWhereNeeded(_ field: String) -> String {
    let special: [Unicode.Scalar] = ["\"", ",", "\r", "\n"]
    guard field.unicodeScalars.contains(where: special.contains) else { return field }
    var quoted = "\""
    for scalar in field.unicodeScalars {
      if scalar == "\"" { quoted += "\"" }
      quoted.unicodeScalars.append(scalar)
    }
    return quoted + "\""
  }
}
