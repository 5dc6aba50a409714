internal import RLCore
internal import RLEnvironments
internal import RLSystem

/// Reads a trace line by line and checks that everything fits.
///
/// Memory: what a line spells, and 16 bytes for each line of an episode; a declared size takes none.
struct TraceReader {
  private(set) var environmentID = ""
  private(set) var source: String?
  private(set) var variants: [Trace.Variant] = []
  private(set) var episodes: [Trace.Episode] = []
  private(set) var records: [Range<Int>] = []
  private(set) var steps = 0

  private let bytes: [UInt8]
  private let path: String
  private var position = 0
  private var line = 0
  private var isEnded = false

  // the running episode
  private var length = 0
  private var isOver = false
  private var hasState = false
  private var mask: [UInt8] = []  // what the next action may be

  init(_ bytes: [UInt8], path: String) {
    self.bytes = bytes
    self.path = path
  }

  /// - Throws: `FileError` of kind `damaged`, with the line.
  mutating func read() throws(FileError) {
    do throws(TraceFault) {
      try readMark()
      while let range = try nextLine() {
        guard !isEnded else { throw TraceFault("comes after the end") }
        let start = bytes[range].first
        if start == nil || start == UInt8(ascii: "#") { continue }
        try take(TraceLine(bytes[range]), range)
      }
      guard isEnded else { throw TraceFault("the file ends without an end line: it was cut") }
    } catch {
      throw FileError(
        .damaged, path: path, reason: "line \(line): \(error)",
        advice: "Tests/Plugins/golden/README.md describes traces; record it again if it was changed"
      )
    }
  }

  private mutating func readMark() throws(TraceFault) {
    guard let range = try nextLine(), case let first = TraceLine(bytes[range]),
      first.words.count == 2, first.keyword == Trace.mark
    else {
      throw TraceFault("is no trace: the first line is not \"\(Trace.mark) \(Trace.version)\"")
    }
    guard first.text(1) == Trace.version else {
      throw TraceFault("is of version \(first.shown(1)); this host reads \(Trace.version)")
    }
  }

  /// The bytes of the next line, without its end; `nil` after the last.
  private mutating func nextLine() throws(TraceFault) -> Range<Int>? {
    guard position < bytes.count else { return nil }
    line += 1
    guard let end = bytes[position...].firstIndex(of: UInt8(ascii: "\n")) else {
      throw TraceFault("does not end in a line feed: the file was cut")
    }
    defer { position = end + 1 }
    return position..<end
  }

  private mutating func take(_ line: TraceLine, _ range: Range<Int>) throws(TraceFault) {
    switch line.keyword {
    case "environment", "source": try takeTitle(line, bytes[range])
    case "options": try takeOptions(line)
    case "limit", "observation", "action", "metric": try takeDeclaration(line)
    case "state" where isDeclaring: try takeDeclaration(line)
    case "episode": try takeEpisode(line)
    case "reset", "step", "state": try takeRecord(line, range)
    case "end": try takeEnd(line, before: range.lowerBound)
    default: throw TraceFault("begins with \"\(line.shown(0))\", which is not known")
    }
  }

  /// Whether a variant has begun and none of its episodes has.
  private var isDeclaring: Bool {
    !variants.isEmpty && episodes.last?.variant != variants.count - 1
  }

  private mutating func takeTitle(
    _ line: TraceLine, _ bytes: ArraySlice<UInt8>
  ) throws(TraceFault) {
    guard variants.isEmpty else { throw TraceFault("comes after the first variant") }
    if line.keyword == "environment" {
      try line.expect(2, "environment ID")
      guard environmentID.isEmpty, !line.words[1].isEmpty, line.words[1].count <= 256,
        line.words[1].allSatisfy({ 0x21...0x7E ~= $0 })
      else { throw TraceFault("the environment is named twice or not at all") }
      environmentID = line.text(1)
    } else {
      let text = String(validating: bytes.dropFirst("source ".utf8.count), as: UTF8.self)
      guard source == nil, let text, text.allSatisfy({ !$0.isASCII || $0 >= " " }) else {
        throw TraceFault("the source is named twice, or is no plain text")
      }
      source = text
    }
  }

  private mutating func takeOptions(_ line: TraceLine) throws(TraceFault) {
    guard !environmentID.isEmpty else { throw TraceFault("no environment is named before it") }
    guard !isDeclaring else { throw TraceFault("the variant before it has no episode") }
    try checkEpisodeHasReset()
    var options: [String: String] = [:]
    for index in line.words.indices.dropFirst() {
      guard let (key, value) = OptionText.pair(line.words[index]),
        options.updateValue(value, forKey: key) == nil
      else {
        throw TraceFault("\"\(line.shown(index))\" is not KEY=VALUE, or the key is there twice")
      }
    }
    variants.append(Trace.Variant(options: options, declaration: Declaration(), state: nil))
  }

  private mutating func takeDeclaration(_ line: TraceLine) throws(TraceFault) {
    guard isDeclaring else {
      throw TraceFault("is not between the options of a variant and its first episode")
    }
    try TraceDeclaration.take(line, &variants[variants.count - 1])
  }

  private mutating func takeEpisode(_ line: TraceLine) throws(TraceFault) {
    try line.expect(2, "episode SEED")
    guard let variant = variants.last else { throw TraceFault("no variant begins before it") }
    if isDeclaring {
      guard !variant.declaration.observation.isEmpty, !variant.declaration.action.isEmpty else {
        throw TraceFault("the variant declares no observation or no action")
      }
      guard line.text(1) != "-" else {
        throw TraceFault("the first episode of a variant needs a seed")
      }
    } else {
      try checkEpisodeHasReset()
    }
    let seed = line.text(1) == "-" ? nil : try line.whole(1, "the seed", atMost: .max)
    episodes.append(
      Trace.Episode(
        seed: seed, variant: variants.count - 1, records: records.count..<records.count))
  }

  private func checkEpisodeHasReset() throws(TraceFault) {
    guard episodes.last?.records.isEmpty != true else {
      throw TraceFault("the episode before it has no reset")
    }
  }

  private mutating func takeRecord(_ line: TraceLine, _ range: Range<Int>) throws(TraceFault) {
    guard let episode = episodes.last, !isDeclaring else {
      throw TraceFault("no episode begins before it")
    }
    let variant = variants[episode.variant]
    let isFirst = episode.records.isEmpty
    guard (line.keyword == "reset") == isFirst else {
      throw TraceFault(isFirst ? "an episode begins with its reset" : "an episode has one reset")
    }
    switch try line.record(variant) {
    case .reset(let answer):
      (length, isOver, hasState) = (0, false, false)
      try follow(answer.mask, variant)
    case .step(let action, let answer):
      try checkStep(action, answer.flags, variant)
      hasState = false
      if answer.flags & 1 == 0 { try follow(answer.mask, variant) }
    case .state:
      guard !hasState else { throw TraceFault("the state is there twice") }
      hasState = true
    }
    records.append(range)
    episodes[episodes.count - 1].records = episode.records.lowerBound..<records.count
  }

  private mutating func checkStep(
    _ action: [UInt8], _ flags: UInt8, _ variant: Trace.Variant
  ) throws(TraceFault) {
    guard !isOver else { throw TraceFault("the episode is over") }
    if let reason = ActionCheck.fault(action, variant.declaration.action, mask: mask) {
      throw TraceFault(reason)
    }
    length += 1
    steps += 1
    guard length != variant.declaration.limit || flags & 2 != 0 else {
      throw TraceFault("step \(length) is at the limit, and the flags do not say truncated")
    }
    isOver = flags != 0
  }

  private mutating func follow(_ next: [UInt8], _ variant: Trace.Variant) throws(TraceFault) {
    var offset = 0
    for leaf in variant.declaration.action where leaf.isMasked {
      for count in leaf.choiceCounts {
        guard next[offset..<offset + count].contains(1) else {
          throw TraceFault("the mask forbids every action")
        }
        offset += count
      }
    }
    mask = next
  }

  private mutating func takeEnd(_ line: TraceLine, before end: Int) throws(TraceFault) {
    try line.expect(4, "end EPISODES STEPS SHA256")
    guard !isDeclaring else { throw TraceFault("the last variant has no episode") }
    guard !variants.isEmpty else { throw TraceFault("the trace has no episode") }
    try checkEpisodeHasReset()
    let declared = (
      try line.whole(1, "the number of episodes", atMost: 1 << 40),
      try line.whole(2, "the number of steps", atMost: 1 << 40)
    )
    guard declared == (UInt64(episodes.count), UInt64(steps)) else {
      throw TraceFault(
        "says \(declared.0) episodes and \(declared.1) steps; there are \(episodes.count) and \(steps)"
      )
    }
    var digest = SHA256()
    digest.update(Array(bytes[..<end]))
    guard digest.hex() == line.text(3) else {
      throw TraceFault("the digest is not that of the lines before it: one was changed")
    }
    isEnded = true
  }
}
