import RLCore
import RLSystem
import RLTraining

/// What training shows of itself while it runs, on the standard error, by the clock.
///
/// On a terminal two lines are redrawn in place, at most ten times a second; elsewhere a plain line
/// of `name=value` comes every five seconds.
struct ProgressDisplay {
  enum Style {
    case none
    case redrawn
    case lines
  }

  private let title: String
  private let total: Int  // environment steps
  private var style: Style
  private let width: Int  // columns
  private let start = MonotonicClock.nanoseconds()
  private var speed: StepSpeed
  private var nextDrawing: UInt64
  private var isDrawn = false
  private var recent = RecentEpisodes(metricCount: 0)
  private var metrics = Metrics()

  /// A display of a training of `total` steps, which starts, or goes on, at `step`.
  init(title: String, total: Int, from step: Int = 0, style: Style, width: Int) {
    self.title = title
    self.total = total
    self.style = style
    self.width = width
    speed = StepSpeed(from: step)
    nextDrawing = start + (style == .redrawn ? 0 : Self.lineInterval)
  }

  private static let drawingInterval: UInt64 = 100_000_000  // ns
  private static let lineInterval: UInt64 = 5_000_000_000  // ns

  mutating func note(_ episode: EpisodeRecord) {
    var episode = episode
    episode.metrics = []
    recent.append(episode)
  }

  mutating func note(_ record: TrainingRecord) { metrics = record.agentMetrics }

  /// Shows where the run stands, if it is time to.
  mutating func update(step: Int) {
    guard style != .none else { return }
    let now = MonotonicClock.nanoseconds()
    guard now >= nextDrawing else { return }
    nextDrawing = now + (style == .redrawn ? Self.drawingInterval : Self.lineInterval)
    speed.note(step: step, seconds: Double(now - start) * 1e-9)
    let isShown = style == .lines ? writeError(plainLine(step) + "\n") : redraw(step)
    // nobody is there any more
    if !isShown { style = .none }
  }

  /// Takes the redrawn lines away, so that something else can be said.
  mutating func clear() {
    if isDrawn { writeError("\u{1B}[1A\r\u{1B}[J") }
    isDrawn = false
  }

  private mutating func redraw(_ step: Int) -> Bool {
    let top = fitted(firstLine(step))
    let bottom = fitted(secondLine)
    // up to the first of the two lines, each cleared to its end
    let home = isDrawn ? "\r\u{1B}[1A" : "\r"
    isDrawn = writeError("\(home)\(top)\u{1B}[K\n\(bottom)\u{1B}[K")
    return isDrawn
  }

  private func fitted(_ line: String) -> String { String(line.prefix(max(1, width - 1))) }

  private func firstLine(_ step: Int) -> String {
    let share = min(1, Double(step) / Double(total))
    let filled = Int(share * 16)
    let bar = String(repeating: "━", count: filled) + String(repeating: "─", count: 16 - filled)
    return "\(CountText.short(Double(step)))/\(CountText.short(Double(total)))"
      + " \(Int(share * 100)) % \(bar) ETA \(remaining(step)) · \(title)"
  }

  private var secondLine: String {
    var parts = ["\(speed.text) steps/s"]
    parts.append("return \(recent.returnMean.map { fixed($0, decimals: 1) } ?? "—") (last 100)")
    if let loss = metrics["train/loss"] { parts.append("loss \(significant(loss))") }
    if let epsilon = metrics["rollout/exploration_rate"] {
      parts.append("epsilon \(fixed(epsilon, decimals: 3))")
    }
    return " " + parts.joined(separator: " · ")
  }

  private func plainLine(_ step: Int) -> String {
    var fields = [
      "step=\(step)", "total=\(total)", "percent=\(min(100, step * 100 / total))",
      "steps_per_s=\(Int(speed.stepsPerSecond ?? 0))", "eta=\(remaining(step))",
    ]
    if let mean = recent.returnMean { fields.append("return=\(fixed(mean, decimals: 2))") }
    if let loss = metrics["train/loss"] { fields.append("loss=\(significant(loss))") }
    if let epsilon = metrics["rollout/exploration_rate"] {
      fields.append("epsilon=\(fixed(epsilon, decimals: 3))")
    }
    return fields.joined(separator: " ")
  }

  private func remaining(_ step: Int) -> String {
    speed.secondsUntil(total, from: step).map(DurationText.clock) ?? "--:--"
  }
}

/// The recent speed: a moving average over half a minute.
private struct StepSpeed {
  private(set) var stepsPerSecond: Double?
  private var lastStep: Int
  private var lastSeconds = 0.0
  private static let memory = 30.0  // seconds
  private static let patience = 3.0  // seconds before it predicts

  init(from step: Int) { lastStep = step }

  mutating func note(step: Int, seconds: Double) {
    let passed = seconds - lastSeconds
    guard passed > 0, step > lastStep else { return }
    let speed = Double(step - lastStep) / passed
    // the plain mean until there is more to remember than the memory holds
    let weight = passed / min(seconds, Self.memory)
    stepsPerSecond = (stepsPerSecond ?? 0) * max(0, 1 - weight) + speed * min(1, weight)
    lastStep = step
    lastSeconds = seconds
  }

  var text: String { stepsPerSecond.map { CountText.short($0) } ?? "—" }

  func secondsUntil(_ total: Int, from step: Int) -> Double? {
    guard lastSeconds >= Self.patience, let stepsPerSecond, stepsPerSecond > 0 else { return nil }
    return Double(max(0, total - step)) / stepsPerSecond
  }
}

/// Three significant digits, whatever the size.
func significant(_ value: Double) -> String {
  guard value.isFinite, value != 0 else { return "\(value)" }
  var decimals = 2
  var size = abs(value)
  while size < 1, decimals < 9 {
    size *= 10
    decimals += 1
  }
  return fixed(value, decimals: abs(value) >= 100 ? 0 : decimals)
}
