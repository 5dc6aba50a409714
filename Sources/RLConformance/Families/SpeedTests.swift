internal import CRLEnv

let speedTests = [
  ConformanceTest("speed", "steps a second, for information", testSpeed)
]

private func testSpeed(_ trial: Trial) throws {
  var texts: [String] = []
  for lanes in [1, 64] {
    if try trial.width(lanes) < lanes { continue }
    let player = Player(
      try Instance(trial.environment(), lanes: lanes), streams: Array(0..<lanes), seed: trial.seed)
    let all = Array(0..<lanes)
    var seconds = 0.0
    var steps = 0
    while seconds < 0.05, steps < 2_000_000 {
      try player.prepareStep(all)
      let batch = unsafe player.arena.batch(all, isReset: false)
      let start = ChildProcess.now()
      let status = unsafe player.instance.call(.step, batch)
      seconds += ChildProcess.now() - start
      guard status == RLENV_OK || status == RLENV_E_LANE else {
        throw callFinding("step", status, player.instance.lastMessage, Place())
      }
      steps += lanes
      player.note(all)
    }
    texts.append("\(Int(Double(steps) / seconds)) steps/s in \(lanes) lane\(lanes == 1 ? "" : "s")")
  }
  trial.remark(texts.joined(separator: ", "))
}
