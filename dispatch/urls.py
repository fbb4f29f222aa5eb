from dispatch.candidates import urls as public_urls
from dispatch.office import urls as office_urls
from dispatch.phone import urls as worker_urls

app_name = "dispatch"
urlpatterns = [*public_urls.urlpatterns, *office_urls.urlpatterns, *worker_urls.urlpatterns]
