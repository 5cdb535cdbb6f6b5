{{- define "gpufleet.name" -}}
{{- if contains "gpufleet" .Release.Name }}{{ .Release.Name | trunc 50 | trimSuffix "-" }}{{ else }}{{ printf "%s-gpufleet" .Release.Name | trunc 50 | trimSuffix "-" }}{{ end }}
{{- end }}

{{- define "gpufleet.image" -}}
{{ .Values.image.repository }}:{{ .Values.image.tag | default .Chart.AppVersion }}
{{- end }}

{{- define "gpufleet.selector" -}}
app.kubernetes.io/name: gpufleet
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end }}

{{- define "gpufleet.labels" -}}
{{ include "gpufleet.selector" . }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ .Chart.Name }}-{{ .Chart.Version }}
{{- end }}

{{- define "gpufleet.scheme" -}}
{{ if eq .Values.hub.tls.mode "proxy" }}http{{ else }}https{{ end }}
{{- end }}

{{- define "gpufleet.agentSecret" -}}
{{ .Values.agents.tokenSecret.name | default (printf "%s-agents" (include "gpufleet.name" .)) }}
{{- end }}

{{- define "gpufleet.probe" -}}
httpGet:
  path: {{ .path }}
  port: http
  scheme: {{ include "gpufleet.scheme" .root | upper }}
timeoutSeconds: 5
{{- end }}

{{/* What would start and then not work is refused here, in words. */}}
{{- define "gpufleet.check" -}}
{{- if and (eq .Values.hub.tls.mode "secret") (not .Values.hub.tls.secretName) }}{{ fail "hub.tls.mode secret: give hub.tls.secretName" }}{{ end }}
{{- if and (eq .Values.hub.tls.mode "proxy") (not .Values.hub.trustedProxies) }}{{ fail "hub.tls.mode proxy: give hub.trustedProxies, the addresses of the ingress (10.0.0.0/8 …), or nobody can sign in" }}{{ end }}
{{- if and .Values.ingress.enabled (ne .Values.hub.tls.mode "proxy") }}{{ fail "ingress.enabled: set hub.tls.mode to proxy, or the ingress would speak plain HTTP to a hub that speaks TLS" }}{{ end }}
{{- if and .Values.ingress.enabled (not .Values.ingress.host) }}{{ fail "ingress.enabled: give ingress.host" }}{{ end }}
{{- if and .Values.serviceMonitor.enabled (not .Values.serviceMonitor.tokenSecret.name) }}{{ fail "serviceMonitor.enabled: give serviceMonitor.tokenSecret.name, a Secret with a scrape token" }}{{ end }}
{{- if .Values.agents.enabled }}
{{- if not (or .Values.agents.tokenSecret.name .Values.agents.token) }}{{ fail "agents.enabled: give agents.tokenSecret.name or agents.token, an enrolment token" }}{{ end }}
{{- if and (eq .Values.hub.tls.mode "auto") (not .Values.agents.caFingerprint) (not .Values.agents.hubUrl) }}{{ fail "agents.enabled: give agents.caFingerprint, which the hub's Add host page shows" }}{{ end }}
{{- end }}
{{- end }}
