internal import CRLEnv
internal import Glibc

let renderTests = [
  ConformanceTest("frame-size", "render tells the size, then keeps to it", testFrameSize),
  ConformanceTest("frame-pure", "rendering changes nothing", testFramePurity),
]

private let formats = [
  (RLENV_FRAME_RGB8, "RLENV_FRAME_RGB8"), (RLENV_FRAME_TEXT, "RLENV_FRAME_TEXT"),
]

private func requireRender(_ trial: Trial) throws {
  guard try unsafe trial.environment().table.render != nil else {
    throw NotJudged("the environment has no render")
  }
}

private func testFrameSize(_ trial: Trial) throws {
  try requireRender(trial)
  let player = Player(
    try Instance(trial.environment(), lanes: 1), streams: [0], seed: trial.seed)
  for _ in 0..<3 {
    try player.tick()
    for (format, name) in formats { try checkFrame(player, Int32(format), name) }
  }
}

/// Asks for the size, then for the picture, then with a buffer that is one byte short.
private func checkFrame(_ player: Player, _ format: Int32, _ name: String) throws {
  var frame = unsafe emptyFrame(format)
  let status = unsafe player.instance.render(0, &frame)
  if status == RLENV_E_UNSUPPORTED { return }
  let needed = unsafe frame.bytes
  let place = Place(call: "render", lane: 0, leaf: name, value: "\(needed) bytes")
  guard status == RLENV_E_BUFFER, needed > 0, needed <= 64 << 20 else {
    throw Finding(
      "without a buffer render answered \(statusName(status)) and \(needed) bytes", at: place,
      advice: "where frame->data is NULL or capacity too small: set frame->bytes, width and height "
        + "and return RLENV_E_BUFFER; for a format that you do not have, RLENV_E_UNSUPPORTED")
  }
  if needed > 1, try !draw(player, format, capacity: needed - 1, place) {
    throw Finding(
      "render drew into a buffer that is one byte short of its own size", at: place,
      advice: "compare frame->capacity with the size before writing")
  }
  _ = try draw(player, format, capacity: needed, place)
}

/// Draws into a buffer of `capacity`; whether it was refused as too small.
private func draw(
  _ player: Player, _ format: Int32, capacity: Int, _ place: Place
) throws -> Bool {
  let buffer = SnapshotBuffer(capacity)
  var frame = unsafe emptyFrame(format)
  unsafe frame.data = buffer.pointer
  unsafe frame.capacity = capacity
  let status = unsafe player.instance.render(0, &frame)
  if let overrun = buffer.overrun {
    throw Finding(
      "render wrote \(overrun) bytes behind its buffer", at: place,
      advice: "write at most frame->capacity bytes")
  }
  if status == RLENV_E_BUFFER { return true }
  guard status == RLENV_OK else {
    throw callFinding("render", status, player.instance.lastMessage, place)
  }
  let pixels = unsafe 3 * Int(frame.width) * Int(frame.height)
  guard unsafe frame.bytes <= capacity, unsafe format != RLENV_FRAME_RGB8 || frame.bytes == pixels
  else {
    throw Finding(
      unsafe "the picture has \(frame.bytes) bytes, \(frame.width) x \(frame.height) pixels",
      at: place, advice: "an RGB8 frame has 3 * width * height bytes, at most capacity")
  }
  return false
}

private func emptyFrame(_ format: Int32) -> rlenv_frame {
  var frame = unsafe rlenv_frame()
  unsafe frame.size = UInt32(MemoryLayout<rlenv_frame>.size)
  unsafe frame.format = format
  return unsafe frame
}

private func testFramePurity(_ trial: Trial) throws {
  try trial.requireDeterminism()
  try requireRender(trial)
  let course = Trial.Course(steps: 100)
  let usual = try trial.traces(course)[0]
  var drawing = course
  drawing.prepare = { player in
    player.afterCall = { _, _, _ in
      do {
        for (format, name) in formats { try checkFrame(player, Int32(format), name) }
      } catch is Finding { throw NotJudged("render fails: see frame-size") }
    }
  }
  try trial.demandEqual(
    usual, try trial.traces(drawing)[0], lane: 0, "the results changed when the lane was rendered",
    advice: "let render only read the lane's state, and draw no random number")
}
