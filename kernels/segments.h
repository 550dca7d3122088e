/* Segments: runs of one class in a row that is sorted by class (as unsigned numbers). Without classes a row
 * is one segment. */

static int count_of(global const int *counts, const int row, const int length)
{
    return counts ? clamp(counts[row], 0, length) : length;
}

/* The first position in [low, high) of another class than at low; `high` if there is none. */
static int class_end(global const int *classes, int low, int high)
{
    const int c = classes[low];
    while (low < high) {
        const int middle = low + (high - low) / 2;
        if (classes[middle] == c)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

/* Where the segment of position i starts. */
static int class_start(global const int *classes, const int i)
{
    const int c = classes[i];
    int low = 0, high = i;
    while (low < high) {
        const int middle = low + (high - low) / 2;
        if (classes[middle] == c)
            high = middle;
        else
            low = middle + 1;
    }
    return low;
}

/* The first start of a segment in [first, stop), or stop or more. */
static int first_start(global const int *classes, const int first, const int stop, const int count)
{
    if (first == 0 || first >= stop)
        return first;
    if (!classes)
        return stop;
    return classes[first - 1] == classes[first] ? class_end(classes, first, count) : first;
}
