/* The table of an instruction set, CK_TABLE. */

const ck_table CK_TABLE = {
    .product = ck_own_product,
    .bias_activation = ck_own_bias_activation,
    .activation_gradient = ck_own_activation_gradient,
    .column_sums = ck_own_column_sums,
    .transpose = ck_own_transpose,
    .tanh = ck_own_tanh,
    .exp = ck_own_exp,
    .log = ck_own_log,
    .sum_of_squares = ck_own_sum_of_squares,
    .blend = ck_own_blend,
    .adam = ck_own_adam,
    .rmsprop = ck_own_rmsprop,
    .peak = ck_own_peak,
    .peak_flops = 2 * CK_WIDTH * CK_PEAK_CHAINS,
};
