/* Products through libxsmm. */
#ifndef CK_XSMM_H
#define CK_XSMM_H

#include "lanes.h"

/* As ck_product; what libxsmm cannot do in order goes through `own`. */
void ck_xsmm_product(const ck_table *own, bool transposed, bool accumulate, ptrdiff_t m,
                     ptrdiff_t n, ptrdiff_t k, const float *a, ptrdiff_t lda, const float *b,
                     ptrdiff_t ldb, float *c, ptrdiff_t ldc);

/* Whether libxsmm is built in, knows this CPU and may generate code. */
bool ck_xsmm_works(void);

#endif
