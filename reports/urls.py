"""Every address of reports: each slice names its own."""

from reports.operations import urls as operations

app_name = "reports"
urlpatterns = [*operations.urlpatterns]
