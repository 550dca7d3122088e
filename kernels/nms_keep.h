/* The last step of suppression: one group a row; the flagged candidates in the given order, at most `most`.
 * KEEP: the kernel's name. Needs scan.h, segments.h. */
KERNEL void KEEP(TENSOR(const int, order), TENSOR(const int, flags), TENSOR(const int, counts),
                 TENSOR(int, keep), TENSOR(int, kept), const int length, const int most PLACED)
{
    SUMS;
    const int lid = ITEM_ID(0), row = ID(1);
    const int count = count_of(counts ? counts + counts_at : counts, row, length);
    const long at = (long)row * length;
    order += order_at + at;
    flags += flags_at + at;
    keep += keep_at + at;
    int total = 0;
    for (int first = 0; first < count && total < most; first += W) {
        const int i = first + lid, c = order[min(i, count - 1)];
        const int flag = i < count ? flags[c] : 0;
        int n;
        const int place = total + group_scan(sums, flag, &n);
        if (flag && place < most)
            keep[place] = c;
        total += n;
    }
    if (lid == 0)
        kept[kept_at + row] = min(total, most);
}
