import RLComparison
import RLSystem

/// Golden traces, with every line taken apart as `diff` does it.
func traceTarget() -> FuzzTarget {
  FuzzTarget(
    "trace", samples: traceSamples.map { sealed(Array($0.utf8)) },
    words: [
      "rlenv-trace", "\nepisode ", "\nepisode -", "\nreset ", "\nstep ", "\nstate ", "\noptions",
      "\nlimit 1", "\nend 0 0 ", " masked", " hwc",
      " discrete i64 - count 9223372036854775807 start -1",
      " box u8 8192x8192 low 0 high 255", " multi_discrete u8 2 counts 2 2 starts 0 0", "nan",
      "-inf",
      "1e999", "18446744073709551616", "ffffffff", "%", "\u{0}", "#", "\n\n", "  ",
    ], seal: { bytes, _ in sealed(bytes) }, read: { bytes, _ in read(bytes) })
}

private func read(_ bytes: [UInt8]) -> Bool {
  guard let trace = accepted(bytes) else { return false }
  for episode in trace.episodes {
    for record in episode.records { _ = trace.record(record, trace.variants[episode.variant]) }
  }
  return true
}

private func accepted(_ bytes: [UInt8]) -> Trace? { try? Trace(bytes, path: "fuzzed") }

/// The bytes with the right digest in their last line.
private func sealed(_ bytes: [UInt8]) -> [UInt8] {
  let mark = Array("\nend ".utf8)
  guard bytes.count > mark.count,
    let start = (0...bytes.count - mark.count).last(where: {
      bytes[$0..<$0 + mark.count].elementsEqual(mark)
    })
  else { return bytes }
  let words = bytes[(start + 1)...].split(separator: UInt8(ascii: " "))
  guard words.count >= 3 else { return bytes }
  let digest = SHA256.hex(of: Array(bytes[...start]))
  let line = words[..<3].joined(separator: [UInt8(ascii: " ")]) + Array(" \(digest)\n".utf8)
  return Array(bytes[...start]) + line
}

private let traceSamples = [
  """
  rlenv-trace 1
  environment Sample-v0
  source written by hand
  options slip=0.5 name=a%20b
  limit 3
  observation "arm/angles" box f32 2 low -1 -inf high 1 inf
  observation "mode" discrete i64 - count 3 start -1
  action "gear" discrete i32 - count 2 start 5 masked
  action "push" box f64 - low -0.5 high 0.5
  metric distance last
  state i16 2
  episode 7
  reset 3f80000000000000ffffffffffffffff 11 nan
  state 0001fffe
  step 000000053fe0000000000000 -0.25 0 bf800000800000000000000000000001 01 1e-07
  step 00000006bfe0000000000000 1 1 3f80000000000000ffffffffffffffff 00 2
  state 00018000
  episode -
  reset 3f80000000000000ffffffffffffffff 11 nan
  end 2 2 0

  """,
  """
  rlenv-trace 1
  environment Two-v3
  options
  observation "" box u8 2x1x3 low 0 high 255 hwc
  action "" multi_discrete u8 2 counts 2 3 starts 0 1
  episode 1
  reset 000102030405
  step 0103 0 0 0001020304ff
  options speed=2
  limit 1
  observation "" multi_binary bool 3
  action "" multi_binary u8 2
  episode 2
  reset 010001
  step 0100 1 2 000000
  end 2 2 0

  """,
]
