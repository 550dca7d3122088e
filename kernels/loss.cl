/* Sums of losses in an order that is the same on every device.
 * loss_sum: y[row, i] = x[row, i] + x[row, i + m] + x[row, i + 2 m] ..., x [rows, n], y [rows, m]; one
 * work-item a sum, bound m. loss_finish, one work-item: the sum of x [m] over the divisor, which is `count`
 * or, when `divisor` is not null, the sum of x [m, 2 m) and is stored there. */
kernel void loss_sum(TENSOR(const float, x), TENSOR(float, y), const int n, const int m)
{
    OPEN(x);
    OPEN(y);
    const int i = (int)get_global_id(0), row = (int)get_global_id(1);
    if (i >= m)
        return;
    x += (long)row * n;
    float sum = 0;
    for (int k = i; k < n; k += m)
        sum += x[k];
    y[(long)row * m + i] = sum;
}

kernel void loss_finish(TENSOR(const float, x), TENSOR(float, loss), TENSOR(float, divisor),
                        const int m, const int at_least_one, const float count)
{
    OPEN(x);
    OPEN(loss);
    OPEN(divisor);
    float sum = 0, over = count;
    for (int i = 0; i < m; i++)
        sum += x[i];
    if (divisor) {
        over = 0;
        for (int i = m; i < 2 * m; i++)
            over += x[i];
        if (at_least_one && over < 1)
            over = 1;
        divisor[0] = over;
    }
    loss[0] = over == 0 ? 0 : sum / over;
}
