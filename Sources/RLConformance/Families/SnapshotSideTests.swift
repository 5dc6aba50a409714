internal import CRLEnv
internal import RLCore

// What snapshots, and reseed, must not do.

func testDamage(_ trial: Trial) throws {
  let player = try savingPlayer(trial)
  let snapshot = try player.save(0)
  var draws = RandomStream(seed: trial.seed, purpose: "damage")
  var cases: [(String, [UInt8])] = [
    ("an empty snapshot", []),
    ("a snapshot that is one byte short", snapshot.bytes.dropLast()),
    ("half a snapshot", Array(snapshot.bytes.prefix(snapshot.bytes.count / 2))),
    ("a snapshot with 8 bytes more", snapshot.bytes + [UInt8](repeating: 0, count: 8)),
    ("random bytes", snapshot.bytes.map { _ in UInt8(truncatingIfNeeded: draws.next()) }),
    ("zeros", snapshot.bytes.map { _ in 0 }),
    ("a snapshot of 0xFF", snapshot.bytes.map { _ in 0xFF }),
  ]
  for _ in 0..<64 {
    var bytes = snapshot.bytes
    let at = draws.index(below: bytes.count)
    bytes[at] ^= 1 << UInt8(draws.index(below: 8))
    cases.append(("a snapshot with one bit of byte \(at) flipped", bytes))
  }
  for (name, bytes) in cases where bytes != snapshot.bytes {
    try tryDamage(player, name, bytes, trial)
  }
}

private func tryDamage(
  _ player: Player, _ name: String, _ bytes: [UInt8], _ trial: Trial
) throws {
  let status = player.load(0, bytes: bytes)
  if status == RLENV_E_ARG { return }
  try trial.report(
    Finding(
      status == RLENV_OK
        ? "load accepted \(name)" : "load answered \(statusName(status)) to \(name)",
      at: Place(call: "load", value: "\(bytes.count) bytes"),
      advice:
        "check the size, then a checksum over the snapshot, before the lane is touched; answer "
        + "RLENV_E_ARG (rlenv_simple.h does)"))
}

func testPurity(_ trial: Trial) throws {
  try trial.requireDeterminism()
  let usual = try recordOn(trial, savingPlayer(trial))[0]
  let saving = try savingPlayer(trial)
  saving.afterCall = { _, _, _ in _ = try saving.save(0) }
  try trial.demandEqual(
    usual, try recordOn(trial, saving)[0], lane: 0, "the results changed when the lane was saved",
    advice: "let save only read: draw no random number and change no counter there")
}

func testReseed(_ trial: Trial) throws {
  try trial.requireDeterminism()
  try requireContinuation(trial)
  guard try unsafe trial.environment().table.reseed != nil else {
    throw NotJudged("the environment has no reseed")
  }
  let player = try savingPlayer(trial)
  let snapshot = try player.save(0)
  func future(_ seeds: [UInt64]) throws -> Trace {
    try player.load(0, snapshot)
    for seed in seeds {
      let status = player.instance.reseed(0, seed)
      guard status == RLENV_OK else {
        throw callFinding("reseed", status, player.instance.lastMessage, player.place(0))
      }
    }
    return try recordOn(trial, player)[0]
  }
  let usual = try future([7])
  try trial.demandEqual(
    usual, try future([1, 2, 7]), lane: 0,
    "after reseed the future depends on what the generator was before",
    advice: "set the whole generator from the seed, such as with rlenv_rng_seed")
  let plain = try future([])
  let isRandom = try (1...8).contains { try future([$0]) != usual }
  if !isRandom, usual == plain { trial.remark("no randomness was seen after a reseed") }
}
