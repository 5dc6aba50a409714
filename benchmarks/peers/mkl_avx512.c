/* Preloaded into a peer: MKL asks these two before it takes its AVX-512 kernels, and answers "no" on CPUs of other
 * makers, though they have the instructions. torch's products are up to twice as fast with it. */
int mkl_serv_intel_cpu(void) { return 1; }
int mkl_serv_intel_cpu_true(void) { return 1; }
