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
    var row: [UInt8] = []
    append(episode, step: step, to: &row)
    return String(decoding: row, as: UTF8.self)
  }

  /// Appends the row of a training episode to `text`, in UTF-8.
  public static func append(_ episode: EpisodeRecord, step: Int, to text: inout [UInt8]) {
    append(step, to: &text)
    append(episode.lane, to: &text)
    append(episode, to: &text)
  }

  /// The whole table of an evaluation, in order of the episodes' indices.
  public static func text(_ evaluation: Evaluation) -> String {
    var rows: [UInt8] = []
    for episode in evaluation.episodes { append(episode, to: &rows) }
    return header(columns + evaluation.metricNames) + String(decoding: rows, as: UTF8.self)
  }

  private static let columns = ["index", "return", "length", "end", "seed"]

  private static func append(_ episode: EpisodeRecord, to text: inout [UInt8]) {
    append(episode.index, to: &text)
    text += episode.episodeReturn.description.utf8
    text.append(comma)
    append(episode.length, to: &text)
    text += (episode.terminated ? episode.truncated ? "both," : "terminated," : "truncated,").utf8
    appendDigits(episode.seed, to: &text)
    for metric in episode.metrics {
      text.append(comma)
      if !metric.isNaN { text += metric.description.utf8 }
    }
    text += "\r\n".utf8
  }

  private static let comma = UInt8(ascii: ",")

  private static func append(_ number: Int, to text: inout [UInt8]) {
    if number < 0 { text.append(UInt8(ascii: "-")) }
    appendDigits(UInt64(number.magnitude), to: &text)
    text.append(comma)
  }

  /// Spells a number without the allocation that a long string or a slice costs.
  private static func appendDigits(_ number: UInt64, to text: inout [UInt8]) {
    let start = text.count
    var rest = number
    repeat {
      text.append(UInt8(ascii: "0") + UInt8(rest % 10))
      rest /= 10
    } while rest > 0
    var (first, last) = (start, text.count - 1)
    while first < last {
      text.swapAt(first, last)
      (first, last) = (first + 1, last - 1)
    }
  }

  /// Only names may need quotes: a row has numbers and words.
  private static func header(_ names: [String]) -> String {
    names.map(quotedWhereNeeded).joined(separator: ",") + "\r\n"
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
