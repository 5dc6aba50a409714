import RLCore
import RLKernels
import RLParallel

/// Fills `draws` with standard normal numbers from the one stream of `random`.
func fillDraws(_ draws: inout [Float], _ random: inout [RandomStream], pool: WorkerPool) {
  fillNormals(&draws, width: draws.count, rows: 1, streams: &random, pool: pool)
}
