internal import RLSystem

/// What a test's process sends back: lines of fields.
///
/// Records end with U+001E, fields with U+001F; texts hold neither.
struct Answer {
  var findings: [Finding] = []
  var remarks: [String] = []
  var skipReason: String?
  var isWhole = false

  /// The verdict, if the process came to its end.
  var status: Status {
    if skipReason != nil { return .skip }
    if findings.contains(where: { $0.severity == .fail }) { return .fail }
    return findings.isEmpty ? .pass : .warn
  }

  func encoded() -> [UInt8] {
    var records = findings.map { finding in
      ["finding", finding.severity.rawValue, finding.problem, finding.advice]
        + finding.place.parts.flatMap { [$0.name, $0.text] }
    }
    records += remarks.map { ["remark", $0] }
    if let skipReason { records.append(["skip", skipReason]) }
    records.append(["end"])
    let text = records.map { record in
      record.map(Self.clean).joined(separator: "\u{1F}") + "\u{1E}"
    }
    return Array(text.joined().utf8)
  }

  init() {}

  init(_ bytes: [UInt8]) {
    let text = String(decoding: bytes, as: UTF8.self)
    for record in text.split(separator: "\u{1E}") {
      let fields = record.split(separator: "\u{1F}", omittingEmptySubsequences: false)
        .map(String.init)
      read(fields)
    }
  }

  private mutating func read(_ fields: [String]) {
    switch fields.first {
    case "finding" where fields.count >= 4:
      var place = Place()
      for k in stride(from: 4, to: fields.count - 1, by: 2) { place.set(fields[k], fields[k + 1]) }
      findings.append(
        Finding(
          fields[2], at: place, advice: fields[3], severity: .init(rawValue: fields[1]) ?? .fail)
      )
    case "remark" where fields.count == 2: remarks.append(fields[1])
    case "skip" where fields.count == 2: skipReason = fields[1]
    case "end": isWhole = true
    default: break
    }
  }

  private static func clean(_ text: String) -> String {
    String(String.UnicodeScalarView(text.unicodeScalars.map { $0 < " " && $0 != "\n" ? " " : $0 }))
  }
}

extension Place {
  fileprivate mutating func set(_ name: String, _ text: String) {
    switch name {
    case "call": call = text
    case "lane": lane = Int(text)
    case "step": step = Int(text)
    case "seed": seed = UInt64(text)
    case "leaf": leaf = text
    case "index": index = Int(text)
    case "value": value = text
    case "bound": bound = text
    default: break
    }
  }
}
