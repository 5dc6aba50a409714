extern int CKernels_placeholder; int CKernels_placeholder;
