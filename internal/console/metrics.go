package console

import (
	"fmt"
	"net/http"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"
)

// SampleKind is Prometheus's type of a metric.
type SampleKind uint8

// Kinds of samples.
const (
	Gauge SampleKind = iota
	Counter
)

// Sample is one figure of now. Label values come from configuration or from
// closed lists, never from log lines.
type Sample struct {
	Name   string // yagura_…, as Prometheus writes names
	Help   string
	Kind   SampleKind
	Labels []Label // the same names in the same order for one Name
	Value  float64
}

// Label is a name and its value.
type Label struct{ Name, Value string }

// Bounds of /metrics; what is beyond is left out and counted in
// yagura_metrics_left_out.
const (
	maxSeries = 1000 // label sets a name
	maxLabel  = 128  // bytes of a value
)

// metrics is the registry behind /metrics.
type metrics struct {
	handler  http.Handler
	requests *prometheus.CounterVec
	seconds  *prometheus.HistogramVec
	refused  prometheus.Counter
}

func newMetrics(version string, gather func() []Sample) (*metrics, error) {
	r := prometheus.NewRegistry()
	m := &metrics{
		requests: prometheus.NewCounterVec(prometheus.CounterOpts{Name: "yagura_console_requests_total", Help: "Requests answered, by area and class of status."}, []string{"area", "class"}),
		seconds: prometheus.NewHistogramVec(prometheus.HistogramOpts{Name: "yagura_console_request_seconds", Help: "Time to answer.",
			Buckets: []float64{.005, .025, .1, .5, 2, 10, 60}}, []string{"area"}),
		refused: prometheus.NewCounter(prometheus.CounterOpts{Name: "yagura_console_log_ons_refused_total", Help: "Log-ons with a wrong token or beyond the limit of failures."}),
	}
	build := prometheus.NewGaugeFunc(prometheus.GaugeOpts{Name: "yagura_build_info", Help: "1, with the version.",
		ConstLabels: prometheus.Labels{"version": version}}, func() float64 { return 1 })
	for _, c := range []prometheus.Collector{m.requests, m.seconds, m.refused, build, &samples{gather: gather},
		collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{})} {
		if err := r.Register(c); err != nil {
			return nil, fmt.Errorf("console: register metrics: %w", err)
		}
	}
	m.handler = promhttp.HandlerFor(r, promhttp.HandlerOpts{ErrorHandling: promhttp.ContinueOnError, MaxRequestsInFlight: 4})
	return m, nil
}

func (m *metrics) request(area string, status int, took time.Duration) {
	m.requests.WithLabelValues(area, class(status)).Inc()
	if area != "api_tail" && area != "tail_events" { // streams last as long as somebody watches
		m.seconds.WithLabelValues(area).Observe(took.Seconds())
	}
}

// samples collects what Gather gives.
type samples struct {
	gather func() []Sample

	mu      sync.Mutex
	leftOut float64
}

// Describe sends nothing: the samples are known only when they are gathered.
func (s *samples) Describe(chan<- *prometheus.Desc) {}

// Collect sends every sample that is within the bounds; one bad sample takes
// none of the others along.
func (s *samples) Collect(out chan<- prometheus.Metric) {
	if s.gather == nil {
		return
	}
	f := families{seen: map[string]*family{}}
	var left float64
	for _, x := range s.gather() {
		m, err := f.metric(x)
		if err != nil {
			left++
			continue
		}
		out <- m
	}
	s.mu.Lock()
	s.leftOut += left
	total := s.leftOut
	s.mu.Unlock()
	out <- prometheus.MustNewConstMetric(leftOutDesc, prometheus.CounterValue, total)
}

var leftOutDesc = prometheus.NewDesc("yagura_metrics_left_out_total", "Samples left out of /metrics: beyond the bounds, or not valid.", nil, nil)

// families keeps one help, one kind and no double within a name.
type families struct{ seen map[string]*family }

type family struct {
	desc   *prometheus.Desc
	kind   SampleKind
	labels []string
	sets   map[string]bool
}

func (f families) metric(x Sample) (prometheus.Metric, error) {
	names, values := make([]string, len(x.Labels)), make([]string, len(x.Labels))
	key := ""
	for i, l := range x.Labels {
		names[i], values[i] = l.Name, l.Value
		key += l.Value + "\x00"
		if len(l.Value) > maxLabel {
			return nil, fmt.Errorf("%s: label %s too long", x.Name, l.Name)
		}
	}
	fam := f.seen[x.Name]
	if fam == nil {
		fam = &family{prometheus.NewDesc(x.Name, x.Help, names, nil), x.Kind, names, map[string]bool{}}
		f.seen[x.Name] = fam
	}
	if fam.kind != x.Kind || fam.sets[key] || len(fam.sets) >= maxSeries || fmt.Sprint(fam.labels) != fmt.Sprint(names) {
		return nil, fmt.Errorf("%s: inconsistent, doubled or too many", x.Name)
	}
	kind := prometheus.GaugeValue
	if x.Kind == Counter {
		kind = prometheus.CounterValue
	}
	m, err := prometheus.NewConstMetric(fam.desc, kind, x.Value, values...)
	if err == nil {
		fam.sets[key] = true
	}
	return m, err
}
